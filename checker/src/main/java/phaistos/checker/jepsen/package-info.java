/**
 * Jepsen's smaller checkers, by its names: cheap and total checks of sets, counters, queues, ids,
 * bank accounts and the like, over untyped histories, and combinators of checkers. Each returns
 * unknown if the history shows too little.
 */
package phaistos.checker.jepsen;
