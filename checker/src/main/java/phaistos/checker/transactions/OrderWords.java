package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.List;
import phaistos.checker.transactions.order.Footprints;
import phaistos.checker.transactions.order.Implied;
import phaistos.checker.transactions.order.Refutation;
import phaistos.checker.transactions.order.Rule;

/** Why no order is possible, in the words of the history. */
final class OrderWords {
  private final Transactions txns;
  private final Shown shown;

  OrderWords(Transactions txns, Shown shown) {
    this.txns = txns;
    this.shown = shown;
  }

  /** A cycle in what a model implies. */
  Finding cycle(Anomaly anomaly, ConsistencyModel model, List<Implied.Reason> reasons) {
    List<Integer> ids = new ArrayList<>();
    reasons.forEach(reason -> collect(reason, ids));
    StringBuilder text = Cases.let(txns, ids);
    text.append("\nThen:\n");
    for (int i = 0; i < reasons.size(); i++) {
      boolean isLast = i + 1 == reasons.size();
      text.append("  - ").append(isLast && i > 0 ? "However, " : "");
      text.append(sentence(reasons.get(i), ids)).append(isLast ? ": a contradiction!" : ".");
      text.append(isLast ? "" : "\n");
    }
    text.append("\nSo no order of them is allowed by ").append(model.label()).append('.');
    return new Finding(anomaly, Cases.indices(txns, ids), List.of(), text.toString(), ids);
  }

  private void collect(Implied.Reason reason, List<Integer> ids) {
    add(reason.before(), ids);
    add(reason.after(), ids);
    if (reason instanceof Implied.Reason.Overwritten overwritten) {
      add(overwritten.reader(), ids);
      overwritten.because().forEach(one -> collect(one, ids));
    }
  }

  private void add(int node, List<Integer> ids) {
    if (node != Footprints.INITIAL && !ids.contains(shown.transactions()[node])) {
      ids.add(shown.transactions()[node]);
    }
  }

  private String name(int node, List<Integer> ids) {
    return "T" + (ids.indexOf(shown.transactions()[node]) + 1);
  }

  private String sentence(Implied.Reason reason, List<Integer> ids) {
    String before = name(reason.before(), ids);
    return switch (reason) {
      case Implied.Reason.Read(int a, int b) ->
          "%s < %s, because %s".formatted(before, name(b, ids), read(a, b, ids));
      case Implied.Reason.Outside(int a, int b) ->
          "%s < %s, because %s".formatted(before, name(b, ids), outside(a, b, ids));
      case Implied.Reason.Overwritten overwritten -> overwritten(overwritten, ids);
    };
  }

  private String read(int writer, int reader, List<Integer> ids) {
    Footprints f = shown.footprints();
    for (int r = f.readStart()[reader]; r < f.readStart()[reader + 1]; r++) {
      if (f.readFrom()[r] == writer) {
        int key = f.readKey()[r];
        return "%s read key %s = %s, which %s wrote"
            .formatted(name(reader, ids), txns.keyName(key), value(key, writer), name(writer, ids));
      }
    }
    throw new IllegalStateException("no read: reader=" + reader + ", writer=" + writer);
  }

  private String outside(int a, int b, List<Integer> ids) {
    Footprints f = shown.footprints();
    boolean oneProcess = f.process()[a] == f.process()[b];
    return (oneProcess ? "one process ran %s and then %s" : "%s completed before %s was invoked")
        .formatted(name(a, ids), name(b, ids));
  }

  private String overwritten(Implied.Reason.Overwritten reason, List<Integer> ids) {
    List<String> path = new ArrayList<>();
    for (Implied.Reason step : reason.because()) {
      path.add(
          step instanceof Implied.Reason.Read(int a, int b)
              ? read(a, b, ids)
              : outside(step.before(), step.after(), ids));
    }
    String key = txns.keyName(reason.key());
    String sees =
        "%s must see %s, which wrote %s = %s (%s)"
            .formatted(
                name(reason.reader(), ids),
                name(reason.before(), ids),
                key,
                value(reason.key(), reason.before()),
                String.join("; ", path));
    if (reason.after() == Footprints.INITIAL) {
      return "%s, but read key %s as it began, %s"
          .formatted(sees, key, value(reason.key(), Footprints.INITIAL));
    }
    return "%s < %s, because %s, but read key %s = %s of %s"
        .formatted(
            name(reason.before(), ids),
            name(reason.after(), ids),
            sees,
            key,
            value(reason.key(), reason.after()),
            name(reason.after(), ids));
  }

  /** What a transaction left in a key. */
  private String value(int key, int node) {
    if (node == Footprints.INITIAL) {
      return shown.beginning(key);
    }
    int t = shown.transactions()[node];
    int last = -1;
    for (int step = txns.from(t); step < txns.to(t); step++) {
      if (txns.stepKind[step] == Transactions.WRITE && txns.stepKey[step] == key) {
        last = txns.stepValue[step];
      }
    }
    return txns.valueName(last);
  }

  /** Some transactions that have no order by a rule. */
  Finding core(Question.Step.Ordered step, int[] core, boolean isMinimal) {
    List<Integer> ids = new ArrayList<>();
    for (int node : core) {
      ids.add(shown.transactions()[node]);
    }
    StringBuilder text = Cases.let(txns, ids);
    text.append("\nThen:\n");
    Refutation.Words words =
        new Refutation.Words() {
          @Override
          public String transaction(int t) {
            return "T" + (t + 1);
          }

          @Override
          public String key(int keyId) {
            return txns.keyName(keyId);
          }

          @Override
          public String value(int keyId, int writer) {
            int node = writer == Footprints.INITIAL ? writer : core[writer];
            return OrderWords.this.value(keyId, node);
          }
        };
    if (isMinimal) {
      Rule rule = step.rule();
      for (String line : Refutation.lines(shown.footprints().only(core), rule, words)) {
        text.append("  ").append(line).append('\n');
      }
    }
    text.append(
        "So these %d transactions have no order that %s allows"
            .formatted(ids.size(), step.model().label()));
    text.append(
        isMinimal
            ? "; without any of them the others have one."
            : ". Time did not allow to make them fewer.");
    return new Finding(step.anomaly(), Cases.indices(txns, ids), List.of(), text.toString(), ids);
  }
}
