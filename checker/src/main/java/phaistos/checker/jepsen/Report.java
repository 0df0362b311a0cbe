package phaistos.checker.jepsen;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;

/** A verdict with the details of Jepsen's checker of that name, under Jepsen's keys. */
public record Report(Verdict verdict, Edn.Table details) implements Result {
  private static final int SHOWN = 10;

  static Builder builder() {
    return new Builder();
  }

  static Report unknown(String cause) {
    return new Report(new Verdict.Unknown(cause), Edn.Table.EMPTY);
  }

  /** Collects details in order. Not thread-safe. */
  static final class Builder {
    private final LinkedHashMap<Edn, Edn> details = new LinkedHashMap<>();

    Builder put(String key, long value) {
      return put(key, Edn.of(value));
    }

    Builder put(String key, Edn value) {
      details.put(Edn.keyword(key), value);
      return this;
    }

    /** A count under {@code key-count}, and under {@code key} the first ten. */
    Builder putSome(String key, Collection<? extends Edn> values) {
      put(key + "-count", values.size());
      List<Edn> shown = values.stream().<Edn>map(value -> value).limit(SHOWN).toList();
      return put(key, new Edn.Vector(shown));
    }

    Report valid() {
      return of(Verdict.VALID);
    }

    Report invalid(String evidence) {
      return of(new Verdict.Invalid(evidence));
    }

    Report unknown(String cause) {
      return of(new Verdict.Unknown(cause));
    }

    Report of(Verdict verdict) {
      return new Report(verdict, new Edn.Table(details));
    }
  }
}
