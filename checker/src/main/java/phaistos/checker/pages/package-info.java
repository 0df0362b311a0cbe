/**
 * Self-contained web pages: the frame with its styles and scripts, and the data of a history that
 * charts, timelines and tables show.
 */
package phaistos.checker.pages;
