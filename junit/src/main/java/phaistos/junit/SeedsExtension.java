package phaistos.junit;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Makes an invocation for each seed of a {@link PhaistosTest}. */
final class SeedsExtension implements TestTemplateInvocationContextProvider {
  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return context.getRequiredTestMethod().isAnnotationPresent(PhaistosTest.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    PhaistosTest test = context.getRequiredTestMethod().getAnnotation(PhaistosTest.class);
    String name =
        context.getRequiredTestClass().getSimpleName()
            + "."
            + context.getRequiredTestMethod().getName();
    return Arrays.stream(seeds(test)).mapToObj(seed -> new Seeded(seed, name));
  }

  private static long[] seeds(PhaistosTest test) {
    String one = System.getProperty(PhaistosTest.SEED, "");
    if (!one.isEmpty()) {
      try {
        return new long[] {Long.parseLong(one)};
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "system property %s is no number: '%s'".formatted(PhaistosTest.SEED, one), e);
      }
    }
    if (test.seeds().length > 0) {
      return test.seeds();
    }
    if (test.count() < 1) {
      throw new IllegalArgumentException("count=" + test.count() + " (at least 1)");
    }
    return LongStream.range(test.first(), test.first() + test.count()).toArray();
  }

  private record Seeded(long seed, String test) implements TestTemplateInvocationContext {
    @Override
    public String getDisplayName(int invocation) {
      return "seed " + seed;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(new RunParameter(new SimulatedRun(seed, test)));
    }
  }

  private record RunParameter(SimulatedRun run) implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == SimulatedRun.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return run;
    }
  }
}
