import java.io.StringReader;
import java.io.StringWriter;
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;

/** pgjdbc. A fourth argument: its prepareThreshold (-1 = binary and named statements at once). */
class Suite {
    public static void main(String[] args) throws Exception {
        String url = "jdbc:postgresql://" + args[0] + ":" + args[1] + "/" + args[2] + "?user=root&sslmode=disable";
        if (args.length > 3) url += "&prepareThreshold=" + args[3];
        try (Connection conn = DriverManager.getConnection(url)) {
            boolean values = values(conn);
            long prepared = prepared(conn);
            conn.setAutoCommit(false);
            List<Long> counts = transaction(conn);
            List<String> errors = errors(conn);
            long[] copied = copy(conn);
            String cancel = cancel(conn);
            long[] large = large(conn);
            long piped = pipeline(conn);
            System.out.printf(
                "{\"version\":\"%s\",\"values\":%b,\"prepared\":%d,\"transaction\":%s,\"errors\":[\"%s\"],\"copy\":%s,"
                    + "\"cancel\":\"%s\",\"large\":%s,\"pipeline\":%d}%n",
                conn.getMetaData().getDriverVersion(), values, prepared, counts, String.join("\",\"", errors),
                Arrays.toString(copied), cancel, Arrays.toString(large), piped);
        }
    }

    static boolean values(Connection conn) throws SQLException {
        int rows = 0;
        try (PreparedStatement read = conn.prepareStatement("SELECT * FROM v WHERE id IN (1, 2) ORDER BY id");
            ResultSet found = read.executeQuery()) {
            ResultSetMetaData about = found.getMetaData();
            int width = about.getColumnCount();
            String insert = "INSERT INTO v VALUES (" + String.join(", ", Collections.nCopies(width, "?")) + ")";
            while (found.next()) {
                rows++;
                try (PreparedStatement write = conn.prepareStatement(insert)) {
                    write.setLong(1, found.getLong(1) + 10);
                    for (int i = 2; i <= width; i++) {
                        String type = about.getColumnTypeName(i);
                        Object value = found.getObject(i);
                        if (type.equals("timestamptz")) value = found.getObject(i, java.time.OffsetDateTime.class);
                        else if (type.equals("timestamp")) value = found.getObject(i, java.time.LocalDateTime.class);
                        else if (type.equals("time")) value = found.getObject(i, java.time.LocalTime.class);
                        else if (type.equals("date")) value = found.getObject(i, java.time.LocalDate.class);
                        if (value == null) write.setNull(i, Types.NULL);
                        else write.setObject(i, value);
                    }
                    write.executeUpdate();
                }
            }
        }
        return rows == 2;
    }

    static long prepared(Connection conn) throws SQLException {
        long sum = 0;
        try (PreparedStatement twice = conn.prepareStatement("SELECT ?::INT8 * 2")) {
            for (int i = 1; i <= 10; i++) {
                twice.setLong(1, i);
                try (ResultSet found = twice.executeQuery()) {
                    found.next();
                    sum += found.getLong(1);
                }
            }
        }
        return sum;
    }

    static long count(Connection conn, String where) throws SQLException {
        try (Statement st = conn.createStatement(); ResultSet found = st.executeQuery("SELECT count(*) FROM w " + where)) {
            found.next();
            return found.getLong(1);
        }
    }

    static List<Long> transaction(Connection conn) throws SQLException {
        List<Long> counts = new ArrayList<>();
        for (boolean keep : new boolean[] {false, true}) {
            try (Statement st = conn.createStatement()) {
                st.executeUpdate("INSERT INTO w VALUES (1)");
            }
            if (keep) conn.commit();
            else conn.rollback();
            counts.add(count(conn, ""));
            conn.rollback();
        }
        return counts;
    }

    static List<String> errors(Connection conn) throws SQLException {
        List<String> states = new ArrayList<>();
        for (String sql : new String[] {"INSERT INTO w VALUES (1)", "SELECT 1"}) {
            try (Statement st = conn.createStatement()) {
                st.execute(sql);
            } catch (SQLException error) {
                states.add(error.getSQLState());
            }
        }
        conn.rollback();
        return states;
    }

    static long[] copy(Connection conn) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 1000; i < 2000; i++) lines.append(i).append('\n');
        var api = conn.unwrap(PGConnection.class).getCopyAPI();
        long in = api.copyIn("COPY w FROM STDIN", new StringReader(lines.toString()));
        conn.commit();
        StringWriter out = new StringWriter();
        long rows = api.copyOut("COPY (SELECT * FROM w WHERE a >= 1000) TO STDOUT", out);
        conn.commit();
        return new long[] {in, rows};
    }

    static String cancel(Connection conn) throws Exception {
        try (Statement st = conn.createStatement()) {
            new Thread(() -> {
                try {
                    Thread.sleep(500);
                    st.cancel();
                } catch (Exception ignored) {
                    // The main thread then waits for its query, and the suite fails.
                }
            }).start();
            st.execute("SELECT pg_sleep(60)");
            return "none";
        } catch (SQLException error) {
            return error.getSQLState();
        } finally {
            conn.rollback();
        }
    }

    static long[] large(Connection conn) throws SQLException {
        long count = 0;
        long sum = 0;
        try (PreparedStatement st = conn.prepareStatement("SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g")) {
            st.setFetchSize(1000);
            try (ResultSet found = st.executeQuery()) {
                while (found.next()) {
                    count++;
                    sum += found.getLong(1);
                }
            }
        }
        conn.commit();
        return new long[] {count, sum};
    }

    static long pipeline(Connection conn) throws SQLException {
        try (PreparedStatement write = conn.prepareStatement("INSERT INTO w VALUES (?)")) {
            for (int i = 5000; i < 5100; i++) {
                write.setLong(1, i);
                write.addBatch();
            }
            write.executeBatch();
        }
        conn.commit();
        return count(conn, "WHERE a >= 5000");
    }
}
