package phaistos.server.wal;

import phaistos.server.storage.Buffer;

/**
 * A page that a record changes.
 *
 * @param willInit replay makes the page anew, so no image is needed
 * @param data left out of the record if an image is in it
 */
public record BlockChange(int id, Buffer buffer, boolean willInit, byte[] data) {}
