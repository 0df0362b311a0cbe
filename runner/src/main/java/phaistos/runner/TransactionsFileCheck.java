package phaistos.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.transactions.Anomaly;
import phaistos.checker.transactions.ConsistencyModel;
import phaistos.checker.transactions.DataType;
import phaistos.checker.transactions.Finding;
import phaistos.checker.transactions.TransactionChecker;
import phaistos.checker.transactions.TransactionOptions;
import phaistos.checker.transactions.Transactions;
import phaistos.checker.transactions.TransactionsBuilder;
import phaistos.checker.transactions.TransactionsReport;
import phaistos.checker.transactions.TransactionsResult;
import phaistos.harness.Durations;
import phaistos.histories.Edn;
import phaistos.histories.HistoryReader;
import phaistos.runner.options.UsageException;

/**
 * Transactions over lists or registers. Prints after path and verdict: the anomalies, the weakest
 * models that are ruled out, and the stronger ones.
 */
final class TransactionsFileCheck implements FileCheck {
  private static final Set<String> KEYS =
      Set.of(
          "consistency-model",
          "anomalies",
          "wfr-keys",
          "sequential-keys",
          "linearizable-keys",
          "transaction-order",
          "component-seconds");

  private static final int READ_UNCHECKED = 1_024;
  private static final String WITHOUT_REAL_TIME = "strong-session-serializable";

  private final DataType type;

  TransactionsFileCheck(DataType type) {
    this.type = type;
  }

  @Override
  public String description() {
    return "Transactional anomalies over "
        + (type == DataType.LIST_APPEND ? "lists" : "registers")
        + ", and the consistency models they rule out.";
  }

  @Override
  public Outcome check(Path file, FileCheck.Options options, CheckContext context) {
    TransactionOptions asked = options(options.more());
    Optional<WalOrder> wal =
        options.wal().isEmpty()
            ? Optional.empty()
            : Optional.of(WalOrder.read(file, options.wal(), context));
    TransactionsBuilder builder = new TransactionsBuilder(type);
    List<String> notes = new ArrayList<>();
    Optional<String> torn;
    boolean hasRealTime;
    try (HistoryReader reader = HistoryReader.open(file)) {
      long events = 0;
      for (var event = reader.next(); event.isPresent(); event = reader.next()) {
        if (events++ % READ_UNCHECKED == 0 && context.isCancelled()) {
          return outOfTime(reader.line());
        }
        try {
          if (wal.isEmpty()) {
            builder.add(event.get());
          } else {
            wal.get().settled(event.get()).ifPresent(builder::add);
          }
        } catch (IllegalArgumentException e) {
          throw reader.error(e.getMessage());
        }
      }
      wal.ifPresent(order -> order.late().forEach(builder::add));
      notes.addAll(reader.remarks());
      torn = reader.notes().stream().findFirst();
      hasRealTime = !reader.format().isOfSessions();
    }
    boolean isChosen = !words(options.more().getOrDefault("consistency-model", "")).isEmpty();
    if (!hasRealTime && !isChosen && asked.anomalies().isEmpty()) {
      asked = asked.withModels(EnumSet.of(model(WITHOUT_REAL_TIME)));
      notes.add("this form tells sessions, but no real time: judged by " + WITHOUT_REAL_TIME);
    }
    long acknowledged = builder.acknowledged();
    Transactions built = builder.build();
    Transactions txns = wal.map(order -> built.withVersionOrder(order.versions())).orElse(built);
    wal.ifPresent(order -> notes.add(order.describe()));
    Optional<String> untold = wal.flatMap(WalOrder::gap);
    Foundation foundation = new Foundation(acknowledged, txns.size(), "transaction");
    TransactionsResult result = new TransactionChecker(type, asked).check(txns, context);
    options
        .reports()
        .ifPresent(
            reports -> reports.writeFiles(file, to -> TransactionsReport.write(result, txns, to)));
    Verdict verdict =
        foundation.bear(
            result.verdict() instanceof Verdict.Valid
                ? gap(asked, hasRealTime, torn)
                    .or(() -> untold.map(Verdict.Unknown::new))
                    .orElse(result.verdict())
                : result.verdict());
    notes.addAll(result.notes());
    if (!verdict.equals(result.verdict())) {
      notes.add(verdict.reason());
    }
    untold.filter(why -> !why.equals(verdict.reason())).ifPresent(notes::add);
    return new Outcome(
        verdict,
        details(result, foundation),
        explanation(result),
        Optional.of(columns(result) + "\t" + foundation.text()),
        notes);
  }

  /** What keeps a history in which nothing was found from being valid. */
  private static Optional<Verdict> gap(
      TransactionOptions asked, boolean hasRealTime, Optional<String> torn) {
    if (torn.isPresent()) {
      return Optional.of(new Verdict.Unknown(torn.get() + "; up to there nothing was found"));
    }
    return asked.models().stream()
        .map(ConsistencyModel::label)
        .filter(name -> !hasRealTime && isOfRealTime(name))
        .findFirst()
        .map(
            name ->
                new Verdict.Unknown(
                    name
                        + " is of real time, which this form does not tell;"
                        + " nothing was found within and between its sessions"));
  }

  private static boolean isOfRealTime(String model) {
    return model.startsWith("strong-") && !model.startsWith("strong-session-")
        || model.startsWith("strict-")
        || model.equals("linearizable");
  }

  private static Outcome outOfTime(long line) {
    String reason = "the time limit ended the reading at line " + line;
    return new Outcome(
        new Verdict.Unknown(reason), Edn.Table.EMPTY, "", Optional.of("-\t-\t-"), List.of(reason));
  }

  private static String explanation(TransactionsResult result) {
    StringBuilder text = new StringBuilder();
    result
        .findings()
        .forEach(
            (kind, findings) ->
                text.append(TransactionsReport.text(kind, result.counts().get(kind), findings)));
    return text.toString();
  }

  TransactionOptions options(Map<String, String> more) {
    for (String key : more.keySet()) {
      if (!KEYS.contains(key)) {
        throw new UsageException("--checker " + type.label() + " has no option " + key);
      }
    }
    Set<ConsistencyModel> models = EnumSet.noneOf(ConsistencyModel.class);
    for (String name : words(more.getOrDefault("consistency-model", ""))) {
      models.add(model(name));
    }
    Set<Anomaly> anomalies = EnumSet.noneOf(Anomaly.class);
    for (String name : words(more.getOrDefault("anomalies", ""))) {
      anomalies.add(anomaly(name));
    }
    if (models.isEmpty() && anomalies.isEmpty()) {
      models.addAll(TransactionOptions.DEFAULT.models());
    }
    return new TransactionOptions(
        models,
        anomalies,
        new TransactionOptions.RegisterKeys(
            more.containsKey("wfr-keys"),
            more.containsKey("sequential-keys"),
            more.containsKey("linearizable-keys"),
            order(more.getOrDefault("transaction-order", ""))),
        componentMillis(more));
  }

  private ConsistencyModel model(String name) {
    ConsistencyModel model =
        ConsistencyModel.named(name)
            .orElseThrow(
                () ->
                    new UsageException(
                        "no consistency model "
                            + name
                            + "; known are "
                            + String.join(", ", ConsistencyModel.names())));
    if (model.searched(type).isEmpty()) {
      throw new UsageException(
          "nothing that --checker %s searches for rules out %s"
              .formatted(type.label(), model.label()));
    }
    return model;
  }

  private Anomaly anomaly(String name) {
    Anomaly anomaly =
        Anomaly.named(name)
            .orElseThrow(() -> new UsageException("no anomaly " + name + "; " + searched()));
    if (anomaly.shownBy(type).isEmpty()) {
      throw new UsageException("nothing searches for " + name + "; " + searched());
    }
    return anomaly;
  }

  private String searched() {
    return "--checker %s searches for %s"
        .formatted(
            type.label(),
            String.join(
                ", ", Anomaly.searched(type).stream().map(Anomaly::label).sorted().toList()));
  }

  private static long componentMillis(Map<String, String> more) {
    String given = more.get("component-seconds");
    if (given == null) {
      return TransactionOptions.DEFAULT.componentMillis();
    }
    try {
      return Durations.parse(given).toMillis();
    } catch (IllegalArgumentException e) {
      throw new UsageException("component-seconds: " + e.getMessage(), e);
    }
  }

  private static Map<Integer, Integer> order(String text) {
    Map<Integer, Integer> order = new LinkedHashMap<>();
    for (String word : words(text)) {
      try {
        order.put(Integer.parseInt(word), order.size());
      } catch (NumberFormatException e) {
        throw new UsageException("transaction-order is a list of indices, not " + word, e);
      }
    }
    return order;
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split("[,\\s]+"))
        .map(word -> word.startsWith(":") ? word.substring(1) : word)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static String columns(TransactionsResult result) {
    return joined(result.anomalies())
        + "\t"
        + joined(result.not())
        + "\t"
        + joined(result.alsoNot());
  }

  private static String joined(List<String> names) {
    return names.isEmpty() ? "-" : String.join(",", names);
  }

  private static Edn.Table details(TransactionsResult result, Foundation foundation) {
    LinkedHashMap<Edn, Edn> details = new LinkedHashMap<>();
    foundation.addTo(details);
    details.put(Edn.of("anomaly-types"), texts(result.anomalies()));
    details.put(Edn.of("not"), texts(result.not()));
    details.put(Edn.of("also-not"), texts(result.alsoNot()));
    details.put(Edn.of("possible"), texts(result.possible()));
    LinkedHashMap<Edn, Edn> counts = new LinkedHashMap<>();
    result.counts().forEach((name, count) -> counts.put(Edn.of(name), Edn.of(count)));
    details.put(Edn.of("counts"), new Edn.Table(counts));
    LinkedHashMap<Edn, Edn> anomalies = new LinkedHashMap<>();
    result
        .findings()
        .forEach(
            (name, findings) ->
                anomalies.put(
                    Edn.of(name),
                    new Edn.Vector(
                        findings.stream().map(TransactionsFileCheck::finding).toList())));
    details.put(Edn.of("anomalies"), new Edn.Table(anomalies));
    details.put(Edn.of("notes"), texts(result.notes()));
    LinkedHashMap<Edn, Edn> sizes = new LinkedHashMap<>();
    TransactionsResult.Statistics statistics = result.statistics();
    sizes.put(Edn.of("transactions"), Edn.of(statistics.transactions()));
    sizes.put(Edn.of("steps"), Edn.of(statistics.steps()));
    sizes.put(Edn.of("keys"), Edn.of(statistics.keys()));
    sizes.put(Edn.of("edges"), Edn.of(statistics.edges()));
    sizes.put(Edn.of("components"), Edn.of(statistics.components()));
    sizes.put(Edn.of("largest-component"), Edn.of(statistics.largestComponent()));
    details.put(Edn.of("statistics"), new Edn.Table(sizes));
    return new Edn.Table(details);
  }

  private static Edn finding(Finding finding) {
    List<Edn> indices = new ArrayList<>();
    finding.transactions().forEach(index -> indices.add(Edn.of(index)));
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.of("transactions"), new Edn.Vector(indices));
    table.put(Edn.of("edges"), texts(finding.edges()));
    table.put(Edn.of("proof"), Edn.of(finding.proof()));
    return new Edn.Table(table);
  }

  private static Edn texts(List<String> texts) {
    return new Edn.Vector(texts.stream().<Edn>map(Edn::of).toList());
  }
}
