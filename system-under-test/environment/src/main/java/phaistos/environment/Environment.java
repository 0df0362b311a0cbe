package phaistos.environment;

/**
 * All ports of one node, or of one party (operator, clients, nemesis) of a run. The environments of
 * two nodes share only the network between them.
 */
public interface Environment {
  Clock clock();

  Tasks tasks();

  Disk disk();

  Network network();

  Randomness randomness();
}
