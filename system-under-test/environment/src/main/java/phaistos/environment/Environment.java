package phaistos.environment;

/**
 * All ports of one node, or of one party (operator, clients, nemesis) of a run. Nothing is shared
 * between two nodes' environments but the network between them.
 */
public interface Environment {
  Clock clock();

  Tasks tasks();

  Disk disk();

  Network network();

  Randomness randomness();
}
