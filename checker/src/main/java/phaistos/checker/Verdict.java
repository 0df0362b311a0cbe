package phaistos.checker;

import java.util.Collection;

/** A checker's verdict. A missing answer is {@link Unknown}, never a pass. */
public sealed interface Verdict {
  Verdict VALID = new Valid();

  record Valid() implements Verdict {}

  /** {@code cause}: why there is no answer, and how far the check came. */
  record Unknown(String cause) implements Verdict {}

  /** {@code evidence}: one sentence of proof. */
  record Invalid(String evidence) implements Verdict {}

  /** The worst verdict: invalid beats unknown beats valid; the first of equals. */
  static Verdict merge(Collection<Verdict> parts) {
    Verdict worst = VALID;
    for (Verdict part : parts) {
      if (part.rank() > worst.rank()) {
        worst = part;
      }
    }
    return worst;
  }

  /** 0 for valid, 1 for unknown, 2 for invalid: the order in which verdicts merge. */
  default int rank() {
    return switch (this) {
      case Valid _ -> 0;
      case Unknown _ -> 1;
      case Invalid _ -> 2;
    };
  }

  /** "valid", "unknown" or "invalid". */
  default String word() {
    return switch (this) {
      case Valid _ -> "valid";
      case Unknown _ -> "unknown";
      case Invalid _ -> "invalid";
    };
  }

  /** Why: empty for valid. */
  default String reason() {
    return switch (this) {
      case Valid _ -> "";
      case Unknown unknown -> unknown.cause;
      case Invalid invalid -> invalid.evidence;
    };
  }

  /** Jepsen's exit code: 0 valid, 1 invalid, 2 unknown. */
  default int exitCode() {
    return switch (this) {
      case Valid _ -> 0;
      case Invalid _ -> 1;
      case Unknown _ -> 2;
    };
  }
}
