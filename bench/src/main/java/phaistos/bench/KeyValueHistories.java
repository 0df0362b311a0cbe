package phaistos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Key-value logs of the shape of Porcupine's c50 ones: fifty clients append their marks to ten keys
 * and read them, now and then one puts. A seeded store answers; in the bad one, one read in the
 * last part is stale.
 */
final class KeyValueHistories {
  private static final int CLIENTS = 50;
  private static final int KEYS = 10;

  /** So many calls are open at once: two or three on a key. Porcupine takes some 100 ms for it. */
  private static final int OPEN = 18;

  private static final int OPERATIONS = 1_800;

  private KeyValueHistories() {}

  /** A folder with {@code generated-c50-ok.txt} and {@code generated-c50-bad.txt}. */
  static Path generate() throws IOException {
    Path folder = Files.createTempDirectory("phaistos-kv");
    for (boolean isBad : new boolean[] {false, true}) {
      Path file = folder.resolve("generated-c50-" + (isBad ? "bad" : "ok") + ".txt");
      Files.write(file, lines(50, isBad));
      file.toFile().deleteOnExit();
    }
    folder.toFile().deleteOnExit();
    return folder;
  }

  private record Call(int client, String function, String key, String value) {
    String line(String type, String shown) {
      return "{:process "
          + client
          + ", :type :"
          + type
          + ", :f :"
          + function
          + ", :key \""
          + key
          + "\", :value "
          + shown
          + "}";
    }
  }

  private static List<String> lines(long seed, boolean isBad) {
    Random random = new Random(seed);
    Map<String, String> store = new HashMap<>();
    List<String> lines = new ArrayList<>();
    List<Call> open = new ArrayList<>();
    Map<Integer, String> seen = new HashMap<>();
    List<Integer> idle = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      idle.add(client);
    }
    int started = 0;
    int staleAt = OPERATIONS * 9 / 10;
    boolean isStaleDue = isBad;
    while (started < OPERATIONS || !open.isEmpty()) {
      if (started < OPERATIONS && !idle.isEmpty() && open.size() < OPEN) {
        int client = idle.remove(random.nextInt(idle.size()));
        int kind = random.nextInt(20);
        String function = kind < 10 ? "append" : kind < 19 ? "get" : "put";
        String value = "x " + client + " " + started + " y";
        Call call = new Call(client, function, String.valueOf(random.nextInt(KEYS)), value);
        open.add(call);
        lines.add(call.line("invoke", function.equals("get") ? "nil" : "\"" + value + "\""));
        started++;
        continue;
      }
      Call call = open.get(random.nextInt(open.size()));
      if (!seen.containsKey(call.client)) {
        String before = store.getOrDefault(call.key, "");
        String after =
            switch (call.function) {
              case "append" -> before + call.value;
              case "put" -> call.value;
              default -> before;
            };
        store.put(call.key, after);
        seen.put(call.client, after);
        continue;
      }
      String result = seen.remove(call.client);
      if (isStaleDue
          && started >= staleAt
          && call.function.equals("get")
          && result.length() > 100) {
        result = result.substring(0, result.indexOf('y', result.length() / 2) + 1);
        isStaleDue = false;
      }
      lines.add(call.line("ok", "\"" + (call.function.equals("get") ? result : call.value) + "\""));
      open.remove(call);
      idle.add(call.client);
    }
    return lines;
  }
}
