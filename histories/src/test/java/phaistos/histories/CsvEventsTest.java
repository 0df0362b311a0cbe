package phaistos.histories;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of acknowledgements, and the logs that are taken for them. */
class CsvEventsTest {
  private static HistoryReader reader(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return HistoryReader.of(new ByteArrayInputStream(bytes), "acks.csv");
  }

  private static String message(String text) {
    return assertThrows(HistoryException.class, () -> reader(text).readEvents()).getMessage();
  }

  @Test
  void aLineIsAnAcknowledgement() {
    HistoryReader reader = reader("xid,marker\n725,order-1\n726,42\n727,007\n");
    assertEquals(HistoryFormat.CSV, reader.format());
    List<Event<UntypedCall>> events = reader.readEvents();
    assertEquals(3, events.size());
    events.forEach(event -> assertInstanceOf(Event.Ok.class, event));
    assertEquals(725, events.get(0).details().xid().getAsLong());
    assertEquals(Edn.of("order-1"), events.get(0).details().marker().get());
    assertEquals(Edn.of(42), events.get(1).details().marker().get());
    assertEquals(Edn.of("007"), events.get(2).details().marker().get());
  }

  @Test
  void columnsMayStandInAnyOrderWithOtherSeparatorsAndQuotes() {
    List<Event<UntypedCall>> events =
        reader(
                "\uFEFFMarker;Outcome;XID;level;standby_names;node\n"
                    + "\"a;\"\"b\"\"\";fail;9;on;\"ANY 1 (b, c)\";a\n"
                    + "\n"
                    + "\"two\nlines\";info;;local;;\n")
            .readEvents();
    Event<UntypedCall> first = events.get(0);
    assertInstanceOf(Event.Fail.class, first);
    assertEquals(Edn.of("a;\"b\""), first.details().marker().get());
    assertEquals("ANY 1 (b, c)", first.details().standbyNames().get());
    assertEquals("on", first.details().synchronousCommit().get());
    assertEquals("a", first.details().node().get());
    Event<UntypedCall> second = events.get(1);
    assertInstanceOf(Event.Info.class, second);
    assertEquals(Edn.of("two\nlines"), second.details().marker().get());
    assertTrue(second.details().xid().isEmpty());
    assertTrue(second.details().standbyNames().isEmpty());
  }

  @Test
  void whatIsWrongIsNamedWithItsLine() {
    assertTrue(message("xid,marker\n725\n726,b\n").contains("acks.csv:2: 1 values, but 2 columns"));
    assertTrue(message("xid,marker\nabc,b\n").contains("xid is no integer: abc"));
    assertTrue(message("xid,marker,colour\n1,b,red\n").contains("unknown column \"colour\""));
  }

  @Test
  void aTornLastLineIsLeftOut() {
    HistoryReader reader = reader("xid,marker\n725,a\n72");
    assertEquals(1, reader.readEvents().size());
    assertEquals(1, reader.notes().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0 199 2241 0 1175850568 995598\n0 200 2465 0 1175850568 998079\n",
        "3 0 failed 0 1499414498 84905\n",
        "2026-11-27 01:00:00.123"
            + " UTC,\"postgres\",\"postgres\",4711,\"127.0.0.1:5\",6925,1,\"INSERT\"\n",
        "2026-11-27 01:00:00.123 UTC [4711] LOG:  statement: insert into t values (1)\n",
        "{\"timestamp\":\"2026-11-27 01:00:00.123 UTC\",\"pid\":1,\"error_severity\":\"LOG\"}\n"
      })
  void logsWithoutTransactionsAreRefusedWithWhatToRecord(String text) {
    String message = message(text);
    assertTrue(message.contains("record instead"), message);
    assertTrue(message.contains("xid,marker"), message);
  }
}
