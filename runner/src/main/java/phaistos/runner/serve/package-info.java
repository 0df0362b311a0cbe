/** The store as web pages. */
package phaistos.runner.serve;
