package phaistos.server.executor;

import java.util.List;
import phaistos.server.executor.Shown.AnyOf;
import phaistos.server.executor.Shown.Array;
import phaistos.server.executor.Shown.Call;
import phaistos.server.executor.Shown.Case;
import phaistos.server.executor.Shown.Cast;
import phaistos.server.executor.Shown.Constant;
import phaistos.server.executor.Shown.Distinct;
import phaistos.server.executor.Shown.Logic;
import phaistos.server.executor.Shown.Operator;
import phaistos.server.executor.Shown.Test;
import phaistos.server.executor.Shown.When;
import phaistos.server.executor.Shown.Word;

/**
 * Writes expressions as ruleutils.c does: every operator in parentheses, or, in the pretty form,
 * those that are needed ({@code isSimpleNode}). CASE has lines of its own.
 */
final class ShownText {
  private static final int INDENT = 4;

  private final boolean pretty;
  private final StringBuilder out = new StringBuilder();
  private int level;

  private ShownText(boolean pretty) {
    this.pretty = pretty;
  }

  static String of(Shown shown, boolean pretty) {
    ShownText text = new ShownText(pretty);
    text.write(shown, false);
    return text.out.toString();
  }

  /**
   * @param implicit whether a cast that SQL did not name is shown
   */
  private void write(Shown shown, boolean implicit) {
    switch (shown) {
      case Word(String text) -> out.append(text);
      case Constant constant -> out.append(constant.text());
      case Call(String name, List<Shown> arguments) -> {
        out.append(name).append('(');
        list(arguments);
        out.append(')');
      }
      case Array(List<Shown> elements) -> {
        out.append("ARRAY[");
        list(elements);
        out.append(']');
      }
      case Cast cast -> cast(cast, implicit);
      case Case cases -> cases(cases);
      case Operator _, Logic _, Test _, Distinct _, AnyOf _ -> {
        out.append(pretty ? "" : "(");
        compound(shown);
        out.append(pretty ? "" : ")");
      }
    }
  }

  private void compound(Shown shown) {
    switch (shown) {
      case Operator(String name, List<Shown> operands) -> {
        if (operands.size() == 2) {
          operand(operands.getFirst(), true, shown);
          out.append(' ');
        }
        out.append(name).append(' ');
        operand(operands.getLast(), true, shown);
      }
      case Logic(String word, List<Shown> operands) -> {
        String separator = word.equals("NOT") ? "NOT " : "";
        for (Shown operand : operands) {
          out.append(separator);
          operand(operand, false, shown);
          separator = " " + word + " ";
        }
      }
      case Test(Shown of, String words) -> {
        // get_rule_expr shows the cast of a value that is tested for NULL, not of a condition
        operand(of, words.endsWith("NULL"), shown);
        out.append(' ').append(words);
      }
      case Distinct(Shown left, Shown right) -> {
        operand(left, true, shown);
        out.append(" IS DISTINCT FROM ");
        operand(right, true, shown);
      }
      case AnyOf(Shown left, String operator, String word, Shown array) -> {
        operand(left, true, shown);
        out.append(" %s %s (".formatted(operator, word));
        operand(array, true, shown);
        out.append(')');
      }
      default -> throw new IllegalArgumentException(shown.toString());
    }
  }

  private void list(List<Shown> items) {
    String separator = "";
    for (Shown item : items) {
      out.append(separator);
      write(item, true);
      separator = ", ";
    }
  }

  private void operand(Shown shown, boolean implicit, Shown parent) {
    boolean wrapped = pretty && !isSimple(shown, parent);
    out.append(wrapped ? "(" : "");
    write(shown, implicit);
    out.append(wrapped ? ")" : "");
  }

  private void cast(Cast cast, boolean implicit) {
    if (cast.implicit() && !implicit) {
      operand(cast.of(), false, cast);
      return;
    }
    if (cast.of() instanceof Constant constant && constant.type() == cast.to()) {
      out.append(constant.bare());
    } else {
      out.append(pretty ? "" : "(");
      operand(cast.of(), false, cast);
      out.append(pretty ? "" : ")");
    }
    out.append("::").append(cast.type());
  }

  private void cases(Case cases) {
    line("CASE");
    level += INDENT;
    cases
        .operand()
        .ifPresent(
            operand -> {
              out.append(' ');
              write(operand, true);
            });
    for (When when : cases.whens()) {
      line("WHEN ");
      write(when.condition(), false);
      out.append(" THEN ");
      write(when.result(), true);
    }
    line("ELSE ");
    write(cases.otherwise(), true);
    level -= INDENT;
    line("END");
  }

  /** A keyword on a line of its own. */
  private void line(String word) {
    out.setLength(out.toString().stripTrailing().length());
    out.append('\n').append(" ".repeat(level)).append(word);
  }

  // ---- which operands need no parentheses (isSimpleNode) ----

  private static boolean isSimple(Shown shown, Shown parent) {
    return switch (shown) {
      case Word _, Constant _, Call _, Array _, Case _ -> true;
      case Cast cast -> !cast.relabels() || isSimple(cast.of(), cast);
      case Operator operator when parent instanceof Operator around -> binds(operator, around);
      case Operator _, Test _, Distinct _ ->
          switch (parent) {
            case Logic _, Call _, Array _, Case _ -> true;
            default -> false;
          };
      case Logic logic ->
          switch (parent) {
            case Logic around ->
                !around.word().equals("NOT")
                    && (!logic.word().equals("OR") || around.word().equals("OR"));
            case Call _, Array _, Case _ -> true;
            default -> false;
          };
      case AnyOf _ -> false;
    };
  }

  /** Whether an operator binds stronger than the one around it. */
  private static boolean binds(Operator inner, Operator outer) {
    int in = priority(inner);
    int around = priority(outer);
    if (in == 0 || around == 0) {
      return false;
    }
    return in > around || in == around && outer.operands().getFirst() == inner;
  }

  private static int priority(Operator operator) {
    if (operator.operands().size() < 2) {
      return 0;
    }
    return switch (operator.name()) {
      case "+", "-" -> 1;
      case "*", "/", "%" -> 2;
      default -> 0;
    };
  }
}
