/** A disk that can lose its unsynced writes after its process was killed. */
package phaistos.environment.crashable;
