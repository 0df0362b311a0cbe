package phaistos.harness.guarantees;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.checker.durability.CommitLevel;
import phaistos.harness.guarantees.Measured.Database;

/** The measurements as Markdown, for people and for the documents. */
public final class GuaranteesText {
  static final String NONE = "none does";

  private GuaranteesText() {}

  /** One table that answers which setting one needs, one for each fault, the witnesses. */
  public static String of(Measured measured) {
    List<String> lines = new ArrayList<>();
    for (Database database : measured.databases()) {
      lines.add("## Which setting do I need? " + database.title());
      lines.add("");
      lines.addAll(answer(measured, database));
      lines.add("");
    }
    lines.add("## What was lost");
    lines.add("");
    for (Mishap mishap : Mishap.values()) {
      lines.addAll(mishap(measured, mishap));
    }
    lines.add("## Witnesses");
    lines.add("");
    for (Database database : measured.databases()) {
      lines.addAll(witnesses(measured, database));
    }
    return String.join("\n", lines) + "\n";
  }

  /** The first screen of one database. */
  public static String first(Measured measured, Database database) {
    List<String> lines = new ArrayList<>(answer(measured, database));
    List<Cell> broken = measured.broken(database);
    lines.add("");
    lines.add(
        broken.isEmpty()
            ? "Nothing was lost against PostgreSQL's documentation."
            : "%d combinations lost a commit against the documentation; the first: %s"
                .formatted(broken.size(), broken.getFirst().witness().orElseThrow().command()));
    return String.join("\n", lines) + "\n";
  }

  /** Needs by standbys. */
  static List<String> answer(Measured measured, Database database) {
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder("| The weakest synchronous_commit with which |");
    StringBuilder rule = new StringBuilder("|---|");
    for (Standbys standbys : Standbys.values()) {
      head.append(' ').append(standbys.title()).append(" |");
      rule.append("---|");
    }
    lines.add(head.toString());
    lines.add(rule.toString());
    for (Need need : Need.values()) {
      StringBuilder row = new StringBuilder("| ").append(need.text()).append(" |");
      for (Standbys standbys : Standbys.values()) {
        row.append(' ').append(measured.level(database, need, standbys).orElse(NONE)).append(" |");
      }
      lines.add(row.toString());
    }
    return lines;
  }

  private static List<String> mishap(Measured measured, Mishap mishap) {
    List<String> lines = new ArrayList<>();
    lines.add("### " + mishap.word());
    lines.add("");
    lines.add(
        Character.toUpperCase(mishap.sentence().charAt(0)) + mishap.sentence().substring(1) + ".");
    lines.add("");
    lines.add("| | | off | local | remote_write | on | remote_apply |");
    lines.add("|---|---|---|---|---|---|---|");
    for (Standbys standbys : Standbys.values()) {
      for (Database database : measured.databases()) {
        StringBuilder row =
            new StringBuilder("| ")
                .append(standbys.title())
                .append(" | ")
                .append(database.title())
                .append(" |");
        for (CommitLevel level : CommitLevel.values()) {
          Cell cell = measured.cell(database, new Combination(level, standbys, mishap));
          row.append(' ').append(text(cell)).append(" |");
        }
        lines.add(row.toString());
      }
    }
    lines.add("");
    for (Database database : measured.databases()) {
      measured.cells(database).stream()
          .filter(cell -> cell.combination().mishap() == mishap && !cell.isMeasured())
          .map(Cell::whyNot)
          .distinct()
          .limit(2)
          .forEach(
              why -> {
                lines.add("Not run on " + database.title() + ": " + why + ".");
                lines.add("");
              });
    }
    return lines;
  }

  private static String text(Cell cell) {
    String commits = cell.commits();
    String shown =
        cell.losesCommits() || cell.losesWarnedCommits() ? "**" + commits + "**" : commits;
    String broken = cell.breaksPromise() ? " AGAINST THE DOCUMENTATION" : "";
    List<String> notes = cell.notes();
    return shown + broken + (notes.isEmpty() ? "" : "; " + String.join("; ", notes));
  }

  private static List<String> witnesses(Measured measured, Database database) {
    List<String> lines = new ArrayList<>();
    for (Cell cell : measured.cells(database)) {
      Optional<Attempt> attempt = cell.witness();
      if (attempt.isPresent()) {
        Attempt shown = attempt.get();
        lines.add(
            "- **%s, %s, %s** (%s): %d of %d acknowledged commits lost%s, %d reads lost; %s. `%s`"
                .formatted(
                    cell.combination().mishap().word(),
                    cell.combination().level().word(),
                    cell.combination().standbys().title(),
                    database.title(),
                    shown.lost() + shown.lostWarned(),
                    shown.acknowledged(),
                    shown.lostWarned() > 0 ? " (" + shown.lostWarned() + " with a warning)" : "",
                    shown.lostReads(),
                    shown.stress(),
                    shown.command()));
        shown.witnesses().stream().limit(1).forEach(witness -> lines.add("  - " + witness.text()));
      }
    }
    lines.add("");
    return lines;
  }
}
