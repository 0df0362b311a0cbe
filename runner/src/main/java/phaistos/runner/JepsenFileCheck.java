package phaistos.runner;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Verdict;
import phaistos.checker.jepsen.BankChecker;
import phaistos.checker.jepsen.CausalCheckers;
import phaistos.checker.jepsen.Checkers;
import phaistos.checker.jepsen.CounterChecker;
import phaistos.checker.jepsen.LogPatternChecker;
import phaistos.checker.jepsen.LongForkChecker;
import phaistos.checker.jepsen.MonotonicChecker;
import phaistos.checker.jepsen.PredicateG2Checker;
import phaistos.checker.jepsen.QueueCheckers;
import phaistos.checker.jepsen.Report;
import phaistos.checker.jepsen.SetChecker;
import phaistos.checker.jepsen.SetFullChecker;
import phaistos.checker.jepsen.StatsChecker;
import phaistos.checker.jepsen.UnhandledExceptionsChecker;
import phaistos.checker.jepsen.UniqueIdsChecker;
import phaistos.checker.plots.HistoryPlots;
import phaistos.histories.Edn;
import phaistos.histories.EdnException;
import phaistos.histories.EdnReader;
import phaistos.histories.History;
import phaistos.histories.HistoryReader;
import phaistos.histories.Operation;
import phaistos.histories.UntypedCall;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.UsageException;

/**
 * One of Jepsen's smaller checkers. Each takes {@code -O independent=true}, for values that are
 * {@code [key value]}; with a report folder, plots of the history are written there.
 */
final class JepsenFileCheck implements FileCheck {
  private static final Pattern EVENT = Pattern.compile("\\bevent (\\d{1,18})\\b");

  private final String description;
  private final Set<String> known;
  private final Function<Map<String, String>, Checker<UntypedCall, Report>> make;

  private JepsenFileCheck(
      String description,
      Set<String> known,
      Function<Map<String, String>, Checker<UntypedCall, Report>> make) {
    this.description = description;
    this.known = known;
    this.make = make;
  }

  /** All of them, by name. */
  static Map<String, FileCheck> all() {
    Map<String, FileCheck> all = new TreeMap<>();
    all.put("set", simple("Adds, and a last read that must show them.", new SetChecker()));
    all.put(
        "set-full",
        new JepsenFileCheck(
            "Adds, and reads of the whole set all along. -O linearizable=true: none may be stale.",
            Set.of("linearizable"),
            more -> new SetFullChecker(isTrue(more, "linearizable"))));
    all.put("counter", simple("Adds and reads of a counter, by bounds.", new CounterChecker()));
    all.put("queue", simple("Dequeues must come from somewhere.", new QueueCheckers.Queue()));
    all.put(
        "total-queue",
        simple("What goes into a queue must come out.", new QueueCheckers.TotalQueue()));
    all.put("unique-ids", simple("Generated ids must differ.", new UniqueIdsChecker()));
    all.put(
        "bank",
        new JepsenFileCheck(
            "Balances must keep their sum. -O total-amount=N, -O accounts=[0 1 2],"
                + " -O negative-balances=true.",
            Set.of("total-amount", "accounts", "negative-balances"),
            JepsenFileCheck::bank));
    all.put(
        "long-fork",
        new JepsenFileCheck(
            "Reads of a group of keys must not fork. -O group-size=N (2).",
            Set.of("group-size"),
            more -> new LongForkChecker((int) number(more, "group-size", 2))));
    all.put("monotonic", simple("Rows must grow with their timestamps.", new MonotonicChecker()));
    all.put("causal", simple("A causal chain over a register.", new CausalCheckers.Causal()));
    all.put(
        "causal-reverse",
        simple("No write without those before it.", new CausalCheckers.CausalReverse()));
    all.put("g2", simple("At most one of two predicate inserts.", new PredicateG2Checker()));
    all.put("stats", simple("Outcomes by function.", new StatsChecker()));
    all.put(
        "unhandled-exceptions",
        simple("Exceptions that clients did not expect.", new UnhandledExceptionsChecker()));
    all.put(
        "log-pattern",
        new JepsenFileCheck(
            "No line of a log may match. -O pattern=REGEX -O logs=FOLDER.",
            Set.of("pattern", "logs"),
            JepsenFileCheck::logPattern));
    all.put("plots", simple("Checks nothing; with --report draws.", Checkers.unbridledOptimism()));
    return all;
  }

  private static JepsenFileCheck simple(String description, Checker<UntypedCall, Report> checker) {
    return new JepsenFileCheck(description, Set.of(), _ -> checker);
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Outcome check(Path file, Options options, CheckContext context) {
    for (String key : options.more().keySet()) {
      if (!key.equals("independent") && !known.contains(key)) {
        throw new UsageException("this checker has no option " + key);
      }
    }
    Checker<UntypedCall, Report> checker = make.apply(options.more());
    if (isTrue(options.more(), "independent")) {
      checker = Checkers.independent(checker);
    }
    History<UntypedCall> history;
    List<Long> lines;
    List<String> remarks;
    Optional<String> torn;
    try (HistoryReader reader = HistoryReader.open(file)) {
      history = reader.readAll();
      lines = reader.lines();
      remarks = reader.remarks();
      torn = reader.notes().stream().findFirst();
    }
    Report report = Checkers.safe(checker).check(history, context);
    options
        .reports()
        .ifPresent(reports -> reports.writeFiles(file, to -> HistoryPlots.write(history, to)));
    Verdict verdict =
        report.verdict() instanceof Verdict.Unknown(String cause)
            ? new Verdict.Unknown(withLine(file, cause, history, lines))
            : report.verdict();
    if (torn.isPresent()) { // what is left out may have been the read that showed it
      verdict = new Verdict.Unknown(torn.get() + "; up to there it is " + verdict.word());
    }
    List<Operation<UntypedCall>> operations = history.operations();
    long acknowledged = operations.stream().filter(Operation::isOk).count();
    Foundation foundation = new Foundation(acknowledged, operations.size(), "operation");
    LinkedHashMap<Edn, Edn> details = new LinkedHashMap<>(report.details().entries());
    foundation.addTo(details);
    return Outcome.on(foundation, verdict, new Edn.Table(details), "", remarks);
  }

  /** A cause that names an event, with that event's line in the file. */
  private static String withLine(
      Path file, String cause, History<UntypedCall> history, List<Long> lines) {
    Matcher event = EVENT.matcher(cause);
    if (!event.find()) {
      return cause;
    }
    long index = Long.parseLong(event.group(1));
    for (int place = 0; place < history.size(); place++) {
      if (history.events().get(place).index() == index) {
        return file + ":" + lines.get(place) + ": " + cause;
      }
    }
    return cause;
  }

  private static boolean isTrue(Map<String, String> more, String key) {
    return more.getOrDefault(key, "false").equals("true");
  }

  private static long number(Map<String, String> more, String key, long otherwise) {
    try {
      return more.containsKey(key) ? Long.parseLong(more.get(key)) : otherwise;
    } catch (NumberFormatException e) {
      throw new UsageException(key + " is no integer: " + more.get(key), e);
    }
  }

  private static Checker<UntypedCall, Report> bank(Map<String, String> more) {
    Optional<Edn> total =
        Optional.ofNullable(more.get("total-amount")).map(text -> edn("total-amount", text));
    Set<Edn> accounts = new HashSet<>();
    if (more.containsKey("accounts")) {
      try {
        accounts.addAll(edn("accounts", more.get("accounts")).elements());
      } catch (IllegalArgumentException e) {
        throw new UsageException("accounts is no vector: " + more.get("accounts"), e);
      }
    }
    return new BankChecker(total, accounts, isTrue(more, "negative-balances"));
  }

  private static Edn edn(String option, String text) {
    try {
      return new EdnReader(new StringReader(text), option).next().orElse(Edn.NIL);
    } catch (IOException | EdnException e) {
      throw new UsageException(option + " is no EDN: " + text, e);
    }
  }

  private static Checker<UntypedCall, Report> logPattern(Map<String, String> more) {
    if (!more.containsKey("pattern") || !more.containsKey("logs")) {
      throw new UsageException("log-pattern needs -O pattern=REGEX and -O logs=FOLDER");
    }
    Map<String, Path> logs = new TreeMap<>();
    Path folder = GivenPath.directory(Path.of(more.get("logs")));
    try (Stream<Path> files = Files.walk(folder)) {
      files.filter(Files::isRegularFile).forEach(file -> logs.put(file.toString(), file));
      return new LogPatternChecker(Pattern.compile(more.get("pattern")), logs);
    } catch (IOException e) {
      throw GivenPath.unusable(folder, e);
    } catch (UncheckedIOException e) {
      throw GivenPath.unusable(folder, e.getCause());
    } catch (PatternSyntaxException e) {
      throw new UsageException("pattern is no regular expression: " + e.getMessage(), e);
    }
  }
}
