package io.firn.tiering.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;

import io.firn.schema.ColumnBuffer;
import io.firn.schema.ColumnLayout;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.file.CorruptFileException;
import io.firn.tiering.table.parquet.RowGroupReader;

import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// A column chunk with a dictionary page and a data page of any bytes, packed so that the fuzzer
/// gets past zstd: values, or [CorruptFileException]; and never more entries than a row group has.
///
/// Input: leaf, encoding, number of entries (2 bytes), length of the dictionary, dictionary, page.
public final class PageFuzz {
    private static final List<ColumnLayout.Leaf> LEAVES =
            new TableColumns(OffloadFuzz.compact().icebergSchemaJson()).layout.leaves();
    private static final Encoding[] ENCODINGS = {
        Encoding.PLAIN,
        Encoding.RLE_DICTIONARY,
        Encoding.DELTA_BINARY_PACKED,
        Encoding.DELTA_LENGTH_BYTE_ARRAY,
        Encoding.BYTE_STREAM_SPLIT
    };
    private static final int HEAD = 5;

    private PageFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length < HEAD) {
            return;
        }
        ColumnLayout.Leaf leaf = LEAVES.get((input[0] & 0xff) % LEAVES.size());
        int entries = (input[2] & 0xff) << 24 >> 8 | (input[3] & 0xff);
        int dictionary = Math.min(input[4] & 0xff, input.length - HEAD);
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        if (dictionary > 0) {
            PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, 0, 0);
            header.setDictionary_page_header(
                    new DictionaryPageHeader(Math.min(entries, 99_999), Encoding.PLAIN));
            put(chunk, header, Arrays.copyOfRange(input, HEAD, HEAD + dictionary));
        }
        PageHeader header = new PageHeader(PageType.DATA_PAGE, 0, 0);
        header.setData_page_header(
                new DataPageHeader(
                        entries,
                        ENCODINGS[(input[1] & 0xff) % ENCODINGS.length],
                        Encoding.RLE,
                        Encoding.RLE));
        put(chunk, header, Arrays.copyOfRange(input, HEAD + dictionary, input.length));
        ColumnBuffer column = new ColumnBuffer(leaf);
        try {
            new RowGroupReader().read(chunk.toByteArray(), 0, chunk.size(), leaf, column);
            assertThat(column.entries()).isEqualTo(Math.max(entries, 0));
        } catch (CorruptFileException refused) {
            assertThat(refused.getMessage()).startsWith("Cannot ");
        }
    }

    private static void put(ByteArrayOutputStream chunk, PageHeader header, byte[] page)
            throws IOException {
        byte[] packed = Zstd.compress(page);
        header.setUncompressed_page_size(page.length);
        header.setCompressed_page_size(packed.length);
        Util.writePageHeader(header, chunk);
        chunk.write(packed);
    }
}
