package phaistos.harness.campaign;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A night as JUnit's XML, for what reads test reports: a test case for each run. A violation is a
 * failure; a run without an answer is an error, since readers show what is skipped as passed.
 */
final class CampaignJUnit {
  private CampaignJUnit() {}

  static String text(CampaignReport report) {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      List<Entry.Run> runs = report.runs();
      xml.writeStartElement("testsuites");
      xml.writeStartElement("testsuite");
      xml.writeAttribute("name", "phaistos campaign " + report.night().id());
      xml.writeAttribute("tests", Integer.toString(runs.size() + (answers(report) ? 0 : 1)));
      xml.writeAttribute(
          "failures", Long.toString(runs.stream().filter(CampaignJUnit::fails).count()));
      xml.writeAttribute(
          "errors",
          Long.toString(
              runs.stream().filter(CampaignJUnit::isError).count() + (answers(report) ? 0 : 1)));
      xml.writeAttribute("skipped", "0");
      xml.writeAttribute("timestamp", report.night().began().toString().substring(0, 19));
      xml.writeAttribute(
          "time", seconds(runs.stream().mapToLong(r -> r.result().realMillis()).sum()));
      for (Entry.Run run : runs) {
        run(run, report, xml);
      }
      if (!answers(report)) {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", "phaistos.campaign");
        xml.writeAttribute("name", "the campaign itself");
        xml.writeAttribute("time", "0");
        problem("error", "unknown", report.unknown().orElse(""), "", xml);
        xml.writeEndElement();
      }
      xml.writeEndElement();
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
    return text + "\n";
  }

  private static boolean answers(CampaignReport report) {
    return report.unknown().isEmpty();
  }

  private static boolean fails(Entry.Run run) {
    return run.isFailure() && run.result().ending() == RunResult.Ending.INVALID;
  }

  private static boolean isError(Entry.Run run) {
    return run.why() != Entry.Why.CANARY
        && !fails(run)
        && run.result().ending() != RunResult.Ending.VALID;
  }

  private static void run(Entry.Run run, CampaignReport report, XMLStreamWriter xml)
      throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", "phaistos.campaign." + run.why().word());
    xml.writeAttribute("name", "seed " + run.seed() + ", run " + run.number());
    xml.writeAttribute("time", seconds(run.result().realMillis()));
    if (fails(run) || isError(run)) {
      String page = report.folder(run).map(folder -> "\nfiles: " + folder).orElse("");
      problem(
          fails(run) ? "failure" : "error",
          fails(run) ? run.result().violation().checker() : run.result().ending().word(),
          run.result().reason(),
          "replay: " + run.command() + page,
          xml);
    }
    xml.writeEndElement();
  }

  private static void problem(
      String element, String type, String message, String text, XMLStreamWriter xml)
      throws XMLStreamException {
    xml.writeStartElement(element);
    xml.writeAttribute("type", printable(type));
    xml.writeAttribute("message", printable(message));
    xml.writeCharacters(printable(text));
    xml.writeEndElement();
  }

  /** XML has no place for control characters. */
  private static String printable(String text) {
    return text.replaceAll("[^\\u0009\\u000A\\u000D\\u0020-\\uD7FF\\uE000-\\uFFFD]", "?");
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.3f", millis / 1e3);
  }
}
