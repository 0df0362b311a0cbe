package phaistos.server.executor;

import java.util.List;
import java.util.Optional;
import phaistos.server.types.SqlType;

/** An expression whose types are plain, as {@link Deparser} finds it and ShownText writes it. */
sealed interface Shown {
  /** A column or a word. */
  record Word(String text) implements Shown {}

  /**
   * A constant.
   *
   * @param bare without the name of its type
   */
  record Constant(String bare, String text, SqlType type) implements Shown {}

  /** A function, or what is written like one. */
  record Call(String name, List<Shown> arguments) implements Shown {}

  /**
   * @param implicit not written in SQL: it is shown for operands and arguments only
   * @param relabels changes the type and not the value (RelabelType)
   */
  record Cast(Shown of, String type, SqlType to, boolean implicit, boolean relabels)
      implements Shown {}

  /** An operator before its operand, or between two. */
  record Operator(String name, List<Shown> operands) implements Shown {}

  /** AND, OR, NOT. */
  record Logic(String word, List<Shown> operands) implements Shown {}

  /** IS NULL and its like. */
  record Test(Shown of, String words) implements Shown {}

  record Distinct(Shown left, Shown right) implements Shown {}

  /**
   * @param word ANY or ALL
   */
  record AnyOf(Shown left, String operator, String word, Shown array) implements Shown {}

  record Array(List<Shown> elements) implements Shown {}

  record Case(Optional<Shown> operand, List<When> whens, Shown otherwise) implements Shown {}

  record When(Shown condition, Shown result) {}
}
