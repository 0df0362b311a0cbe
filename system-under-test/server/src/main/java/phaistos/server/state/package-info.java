/** What the server is doing, and how far recovery has come. */
package phaistos.server.state;
