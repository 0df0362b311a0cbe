package phaistos.cluster.containers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What runs in the containers of the tests: a server that appends every line to a file and answers
 * it with {@code node: line}. The line {@code dial HOST PORT MILLIS TEXT} is sent on: the answer is
 * the other node's, waited for so long.
 */
final class EchoNode {
  private EchoNode() {}

  public static void main(String[] arguments) throws IOException {
    String name = arguments[0];
    if (name.equals("init")) {
      Files.createDirectories(Path.of(NodeContainer.FOLDER, "data"));
      return;
    }
    Path file = Path.of(NodeContainer.FOLDER, "lines");
    System.out.println("ready after " + (Files.exists(file) ? Files.readString(file).length() : 0));
    try (ServerSocket server = new ServerSocket(ProxiedLinks.SERVER_PORT)) {
      while (true) {
        Socket client = server.accept();
        Thread.ofVirtual().start(() -> serve(name, file, client));
      }
    }
  }

  private static void serve(String name, Path file, Socket client) {
    try (client) {
      BufferedReader in = reader(client);
      PrintStream out = new PrintStream(client.getOutputStream(), true, StandardCharsets.UTF_8);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        String[] words = line.split(" ", 5);
        out.println(
            words[0].equals("dial")
                ? ask(words[1], Integer.parseInt(words[2]), words[4], Integer.parseInt(words[3]))
                : name + ": " + line);
      }
    } catch (IOException e) {
      System.out.println("lost a client: " + e.getMessage());
    }
  }

  /** The answer, or the failure as text. */
  static String ask(String host, int port, String line, int timeoutMillis) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), timeoutMillis);
      socket.setSoTimeout(timeoutMillis);
      new PrintStream(socket.getOutputStream(), true, StandardCharsets.UTF_8).println(line);
      String answer = reader(socket).readLine();
      return answer == null ? "closed" : answer;
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }
}
