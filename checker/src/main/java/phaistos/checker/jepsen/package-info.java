/**
 * Jepsen's smaller checkers, by its names: cheap and total checks of sets, counters, queues, ids,
 * bank accounts and the like, over untyped histories, and what combines checkers. Each says unknown
 * where the history shows too little.
 */
package phaistos.checker.jepsen;
