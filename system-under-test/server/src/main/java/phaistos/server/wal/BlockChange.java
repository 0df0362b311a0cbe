package phaistos.server.wal;

import phaistos.server.storage.Buffer;

/**
 * A page that a record changes.
 *
 * @param willInit replay initializes the page, so no image is needed
 * @param data omitted if the record has an image of the page
 */
public record BlockChange(int id, Buffer buffer, boolean willInit, byte[] data) {}
