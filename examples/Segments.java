// SPDX-License-Identifier: GPL-2.0-or-later
// Holds 60,000 deleted files mapped, as a search engine does whose old segments
// are still being read, for ten minutes: java Segments.java
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

public class Segments {
	public static void main(String[] arguments) throws Exception {
		Path index = Files.createTempDirectory("index");
		List<Object> segments = new ArrayList<>();

		for (int i = 0; i < 60_000; i++) {
			Path file = index.resolve(String.format("seg-%06d.dvd", i));

			Files.write(file, new byte[4096]);
			try (FileChannel channel = FileChannel.open(file)) {
				segments.add(channel.map(
					FileChannel.MapMode.READ_ONLY, 0, 4096));
			}
			Files.delete(file);
		}
		Files.delete(index);
		System.out.println(segments.size() + " files are mapped");
		Thread.sleep(600_000);
	}
}
