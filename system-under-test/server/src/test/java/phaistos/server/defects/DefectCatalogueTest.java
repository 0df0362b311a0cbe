package phaistos.server.defects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DefectCatalogueTest {
  @Test
  void everyDefectHasItsNameItsMistakeAndItsSteps() {
    Set<String> names = new HashSet<>();
    EnumSet<Defect.Kind> kinds = EnumSet.noneOf(Defect.Kind.class);
    for (Defect defect : DefectCatalogue.all()) {
      Defect.Description is = defect.description();
      assertTrue(names.add(is.name()), is.name());
      assertTrue(is.name().matches("[a-z-]+"), is.name());
      assertTrue(is.does().endsWith(".") && is.standsFor().endsWith("."), is.name());
      assertFalse(is.source().isBlank() || is.steps().isEmpty(), is.name());
      assertEquals(defect, DefectCatalogue.named(is.name()));
      kinds.add(is.kind());
    }
    assertTrue(
        kinds.containsAll(EnumSet.of(Defect.Kind.SKIPS, Defect.Kind.REORDERS, Defect.Kind.LIES)),
        kinds.toString());
  }

  /** Of the list of published failures there are 79 rows. */
  @Test
  void overAHundredDefectsAndFiftyOfThemCiteAPublishedFailure() {
    Pattern row = Pattern.compile("finding (\\d+)");
    int citing = 0;
    for (Defect defect : DefectCatalogue.all()) {
      Defect.Description is = defect.description();
      List<Integer> cited =
          row.matcher(is.source()).results().map(each -> Integer.valueOf(each.group(1))).toList();
      assertTrue(cited.stream().allMatch(each -> each >= 1 && each <= 79), is.name());
      citing += cited.isEmpty() ? 0 : 1;
    }
    assertTrue(DefectCatalogue.all().size() >= 100, "defects=" + DefectCatalogue.all().size());
    assertTrue(citing >= 50, "citing=" + citing);
  }

  @Test
  void anUnknownNameIsAnErrorThatListsTheNames() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Defects.parse("standby-sync-late,x"))
            .getMessage();
    assertTrue(DefectCatalogue.mechanical().size() > 200);
    assertEquals("skip:wal-sync", DefectCatalogue.named("skip:wal-sync").description().name());
    assertTrue(message.startsWith("unknown defect \"x\" (known: ack-before-"), message);
  }
}
