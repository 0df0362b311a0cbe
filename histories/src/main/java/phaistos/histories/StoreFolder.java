package phaistos.histories;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds a folder's history: the best file by name of {@link #NAMES}, in the folder or in one below
 * it. If several folders below have one, it is the run that the link {@code latest} or {@code
 * current} points to. Without such a link there is an error that names them. Logs of several
 * clients side by side ({@code client-1/operations.json} of etcd's robustness tests; Cobra's) are
 * one history.
 */
final class StoreFolder {
  private static final String PACKED = "(\\.(gz|bz2|xz|zst|lz4))?";

  /** Better ones first. */
  private static final List<Pattern> NAMES =
      List.of(
          Pattern.compile("history\\.edn" + PACKED),
          Pattern.compile("test\\.jepsen" + PACKED),
          Pattern.compile("test\\.fressian" + PACKED),
          Pattern.compile("history\\.jsonl?" + PACKED),
          Pattern.compile("history\\.txt" + PACKED),
          Pattern.compile("history\\.bincode" + PACKED),
          Pattern.compile("jepsen\\.log" + PACKED),
          Pattern.compile("operations\\.jsonl?" + PACKED),
          Pattern.compile("history[-_.\\w]*\\.(edn|jsonl?|txt)" + PACKED));

  private static final Pattern CLIENT = Pattern.compile("client[-_.]?\\w+/operations\\.jsonl?");
  private static final List<String> LINKS = List.of("latest", "current");
  private static final int DEPTH_MAX = 4;
  private static final int SHOWN = 5;

  private StoreFolder() {}

  /** Whether a file of this path may be a history, by its name. */
  static boolean isHistory(String path) {
    return rank(path) < NAMES.size();
  }

  private static int rank(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    for (int i = 0; i < NAMES.size(); i++) {
      if (NAMES.get(i).matcher(name).matches()) {
        return i;
      }
    }
    return NAMES.size();
  }

  /**
   * The files of the folder's history: one, except for logs of clients.
   *
   * @throws HistoryException if there is none, or there are several
   */
  static List<Path> files(Path folder) throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> found = Files.walk(folder, DEPTH_MAX)) {
      found.filter(Files::isRegularFile).sorted().forEach(all::add);
    }
    List<String> names =
        all.stream()
            .map(file -> folder.relativize(file).toString().replace('\\', '/'))
            .filter(StoreFolder::isHistory)
            .toList();
    List<String> clients = names.stream().filter(name -> CLIENT.matcher(name).matches()).toList();
    if (!clients.isEmpty() && clients.size() == names.size()) {
      return clients.stream().map(folder::resolve).toList();
    }
    List<Path> cobra = names.isEmpty() ? cobraLogs(folder) : List.of();
    if (!cobra.isEmpty()) {
      return cobra;
    }
    if (byFolder(names).size() > 1) {
      for (String link : LINKS) {
        Path latest = folder.resolve(link);
        if (Files.isSymbolicLink(latest) && Files.isDirectory(latest)) {
          return files(folder.resolve(Files.readSymbolicLink(latest)));
        }
      }
    }
    return List.of(folder.resolve(choose(names, "the folder", folder.toString())));
  }

  private static List<Path> cobraLogs(Path folder) throws IOException {
    List<Path> logs = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        try (var in = Files.newInputStream(file)) {
          if (!CobraLogs.isLog(in.readNBytes(CobraLogs.HEAD))) {
            return List.of();
          }
          logs.add(file);
        }
      }
    }
    return logs;
  }

  private static Map<String, List<String>> byFolder(Collection<String> names) {
    Map<String, List<String>> folders = new TreeMap<>();
    for (String name : names) {
      String folder = name.substring(0, Math.max(0, name.lastIndexOf('/')));
      folders.computeIfAbsent(folder, _ -> new ArrayList<>()).add(name);
    }
    return folders;
  }

  /**
   * The best of these paths.
   *
   * @param what the folder or archive, for the error
   */
  static String choose(Collection<String> names, String what, String source) {
    Map<String, List<String>> folders = byFolder(names);
    List<String> own = folders.get("");
    if (own == null && folders.size() == 1) {
      own = folders.values().iterator().next();
    }
    if (own == null) {
      throw new HistoryException(
          source,
          0,
          folders.isEmpty()
              ? what + " holds no history: no history.edn, test.jepsen, history.txt or jepsen.log"
              : what + " holds more than one history, name one of them: " + some(folders));
    }
    return own.stream().min(java.util.Comparator.comparing(StoreFolder::rank)).orElseThrow();
  }

  private static String some(Map<String, List<String>> folders) {
    List<String> shown = folders.keySet().stream().limit(SHOWN).toList();
    return String.join(", ", shown) + (folders.size() > SHOWN ? ", ..." : "");
  }
}
