/** When pages of the commit log are written and synced, by ours and by PostgreSQL. */
package phaistos.runner.commitlog;
