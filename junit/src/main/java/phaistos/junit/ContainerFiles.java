package phaistos.junit;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerState;

/**
 * The files of a server in a container of Testcontainers. The container is killed, so that what the
 * server had not written is not written; what it had not flushed stays in the engine's page cache.
 */
public record ContainerFiles(ContainerState container, String dataDirectory)
    implements ServerFiles {
  @Override
  public Path stopAndCopy(Path folder) throws IOException {
    DockerClient docker = DockerClientFactory.instance().client();
    String id = container.getContainerId();
    if (container.isRunning()) {
      docker.killContainerCmd(id).exec();
    }
    try (InputStream archive = docker.copyArchiveFromContainerCmd(id, dataDirectory).exec();
        TarArchiveInputStream tar = new TarArchiveInputStream(archive)) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        Path file = folder.resolve(e.getName()).normalize();
        if (!file.startsWith(folder)) {
          throw new IOException("an entry outside of the archive: " + e.getName());
        }
        if (e.isDirectory()) {
          Files.createDirectories(file);
        } else if (e.isFile()) {
          Files.createDirectories(file.getParent());
          Files.copy(tar, file);
        }
      }
    }
    return folder.resolve(dataDirectory.substring(dataDirectory.lastIndexOf('/') + 1));
  }
}
