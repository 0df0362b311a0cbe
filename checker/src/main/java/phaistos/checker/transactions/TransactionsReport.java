package phaistos.checker.transactions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.checker.CheckContext;
import phaistos.checker.plots.GraphPicture;
import phaistos.histories.EdnWriter;

/**
 * The proofs as files: for each kind of anomaly a text with its smallest cases, and for each cycle
 * a picture.
 */
public final class TransactionsReport {
  private static final int STEP_TEXT_MAX = 96;

  private TransactionsReport() {}

  /**
   * Writes the page {@code index.html}, and {@code G1c.txt}, {@code component-1.svg}, {@code
   * G1c-1.svg} and so on through the context; of a valid history {@code order-serializable.txt}
   * with the order that shows it.
   */
  public static void write(TransactionsResult result, Transactions txns, CheckContext context)
      throws IOException {
    context.writeArtifact(
        "index.html", TransactionsPage.print(result, txns).getBytes(StandardCharsets.UTF_8));
    for (Map.Entry<ConsistencyModel, Certificate> entry : result.certificates().entrySet()) {
      context.writeArtifact(
          "order-" + entry.getKey().label() + ".txt",
          order(entry.getValue(), txns).getBytes(StandardCharsets.UTF_8));
    }
    for (int i = 0; i < result.components().size(); i++) {
      String name = "component-" + (i + 1);
      TransactionsResult.Component component = result.components().get(i);
      String title = component.ids().size() + " transactions that depend on each other";
      context.writeArtifact(
          name + ".svg", picture(component, txns, title).getBytes(StandardCharsets.UTF_8));
    }
    for (Map.Entry<String, List<Finding>> entry : result.findings().entrySet()) {
      String kind = entry.getKey();
      context.writeArtifact(
          kind + ".txt",
          text(kind, result.counts().get(kind), entry.getValue()).getBytes(StandardCharsets.UTF_8));
      for (int i = 0; i < entry.getValue().size(); i++) {
        Finding finding = entry.getValue().get(i);
        if (!finding.edges().isEmpty()) {
          String name = kind + "-" + (i + 1) + ".svg";
          context.writeArtifact(
              name,
              picture(finding, txns, kind + ": " + CycleClass.commonName(finding.anomaly()))
                  .getBytes(StandardCharsets.UTF_8));
        }
      }
    }
  }

  /** A line for each moment of a certificate: what happens, and the transaction. */
  static String order(Certificate certificate, Transactions txns) {
    StringBuilder text = new StringBuilder();
    boolean atOnce = certificate.form().compareTo(Certificate.Form.SERIAL_ITEMS) <= 0;
    for (int moment : certificate.moments()) {
      boolean isCommit = (moment & 1) == 1;
      if (isCommit || !atOnce) {
        String word = atOnce ? "" : isCommit ? "commit " : "start  ";
        text.append(word).append(txns.print(moment >> 1)).append('\n');
      }
    }
    return text.toString();
  }

  /** All edges between the transactions of a small component. */
  public static String picture(
      TransactionsResult.Component component, Transactions txns, String title) {
    List<GraphPicture.Node> nodes = new ArrayList<>();
    for (int id : component.ids()) {
      nodes.add(node(txns, id, "T" + (nodes.size() + 1)));
    }
    List<GraphPicture.Arrow> arrows =
        component.edges().stream()
            .map(edge -> new GraphPicture.Arrow(edge.from(), edge.to(), edge.kind()))
            .toList();
    return GraphPicture.draw(title, nodes, arrows);
  }

  /** All kept cases of one kind, and how many more there are. */
  public static String text(String kind, long count, List<Finding> findings) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < findings.size(); i++) {
      text.append(kind).append(" #").append(i + 1).append('\n');
      text.append(findings.get(i).proof()).append("\n\n");
    }
    if (count > findings.size()) {
      text.append("and ").append(count - findings.size()).append(" more\n");
    }
    return text.toString();
  }

  /** A cycle: its transactions in the order of the history, and the edges between them. */
  public static String picture(Finding finding, Transactions txns, String title) {
    List<Integer> order = new ArrayList<>(finding.ids());
    order.sort((a, b) -> Integer.compare(txns.index[a], txns.index[b]));
    Map<Integer, Integer> placeOf = new HashMap<>();
    List<GraphPicture.Node> nodes = new ArrayList<>();
    for (int id : order) {
      placeOf.put(id, nodes.size());
      String name = "T" + (finding.ids().indexOf(id) + 1);
      nodes.add(node(txns, id, name));
    }
    List<GraphPicture.Arrow> arrows = new ArrayList<>();
    int n = finding.ids().size();
    for (int i = 0; i < n; i++) {
      arrows.add(
          new GraphPicture.Arrow(
              placeOf.get(finding.ids().get(i)),
              placeOf.get(finding.ids().get((i + 1) % n)),
              finding.edges().get(i)));
    }
    return GraphPicture.draw(title, nodes, arrows);
  }

  private static GraphPicture.Node node(Transactions txns, int id, String name) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (int step = txns.from(id); step < txns.to(id); step++) {
      String text = EdnWriter.print(txns.step(step));
      if (line.length() > 0 && line.length() + text.length() + 1 > STEP_TEXT_MAX) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(text);
    }
    lines.add(line.toString());
    return new GraphPicture.Node(
        "%s   index %d, process %s, %s"
            .formatted(name, txns.index[id], txns.processName(id), txns.typeWord(id)),
        lines);
  }
}
