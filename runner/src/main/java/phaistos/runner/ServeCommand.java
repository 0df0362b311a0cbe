package phaistos.runner;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import phaistos.runner.options.ExitCode;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.OutputException;
import phaistos.runner.options.UsageException;
import phaistos.runner.serve.StoreServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code phaistos serve}: the store as web pages, until Ctrl-C. */
@Command(
    name = "serve",
    description = {
      "Shows the store as web pages, until Ctrl-C: the list of runs, a run's page and files, two",
      "runs compared, a run as one download. For reading only, and for this machine only unless",
      "--address says otherwise; there is no password."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--store", paramLabel = "DIR", description = "the store")
  private Path store = Path.of("store");

  @Option(names = "--address", paramLabel = "HOST", description = "the address to listen on")
  private String address = "127.0.0.1";

  @Option(names = "--port", paramLabel = "N", description = "its port; 0 for any that is free")
  private int port = 8080;

  @Override
  public Integer call() throws InterruptedException {
    if (port < 0 || port > 65_535) {
      throw new UsageException("--port: " + port + " (expected 0 to 65535)");
    }
    CountDownLatch end = new CountDownLatch(1);
    Signals.handle(_ -> end.countDown());
    try (StoreServer server = new StoreServer(GivenPath.directory(store), host(), port)) {
      String shown = address.contains(":") ? "[" + address + "]" : address;
      spec.commandLine().getOut().println("http://" + shown + ":" + server.port() + "/");
      spec.commandLine().getOut().flush();
      end.await();
      return ExitCode.VALID;
    } catch (IOException e) {
      throw new OutputException("serve: " + address + ":" + port + ": " + e.getMessage(), e);
    }
  }

  private InetAddress host() {
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new UsageException("--address: no such host: " + address, e);
    }
  }
}
