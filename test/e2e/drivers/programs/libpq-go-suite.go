package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/lib/pq"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func state(err error) string {
	if known, ok := err.(*pq.Error); ok {
		return string(known.Code)
	}
	return fmt.Sprint(err)
}

func count(db *sql.DB, where string) int {
	var n int
	check(db.QueryRow("SELECT count(*) FROM w " + where).Scan(&n))
	return n
}

func values(db *sql.DB) bool {
	rows, err := db.Query("SELECT * FROM v WHERE id IN (1, 2) ORDER BY id")
	check(err)
	names, err := rows.Columns()
	check(err)
	var all [][]interface{}
	for rows.Next() {
		row := make([]interface{}, len(names))
		into := make([]interface{}, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		check(rows.Scan(into...))
		all = append(all, row)
	}
	marks := make([]string, len(names))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	for _, row := range all {
		row[0] = row[0].(int64) + 10
		for i, value := range row {
			// Types that the driver does not know come as their text, in bytes.
			if text, ok := value.([]byte); ok && names[i] != "y" {
				row[i] = string(text)
			}
			if clock, ok := value.(time.Time); ok && names[i] == "t" {
				row[i] = clock.Format("15:04:05.999999")
			}
		}
		_, err := db.Exec("INSERT INTO v VALUES ("+strings.Join(marks, ", ")+")", row...)
		check(err)
	}
	return len(all) == 2
}

func main() {
	url := fmt.Sprintf("host=%s port=%s dbname=%s user=root sslmode=disable", os.Args[1], os.Args[2], os.Args[3])
	if len(os.Args) > 4 {
		url += " binary_parameters=yes"
	}
	db, err := sql.Open("postgres", url)
	check(err)
	db.SetMaxOpenConns(1)
	result := map[string]interface{}{"version": "1.10", "pipeline": nil}
	result["values"] = values(db)

	twice, err := db.Prepare("SELECT $1::INT8 * 2")
	check(err)
	sum := 0
	for i := 1; i <= 10; i++ {
		var n int
		check(twice.QueryRow(i).Scan(&n))
		sum += n
	}
	result["prepared"] = sum

	var counts []int
	for _, keep := range []bool{false, true} {
		tx, err := db.Begin()
		check(err)
		_, err = tx.Exec("INSERT INTO w VALUES (1)")
		check(err)
		if keep {
			check(tx.Commit())
		} else {
			check(tx.Rollback())
		}
		counts = append(counts, count(db, ""))
	}
	result["transaction"] = counts

	tx, err := db.Begin()
	check(err)
	var errors []string
	for _, text := range []string{"INSERT INTO w VALUES (1)", "SELECT 1"} {
		_, err := tx.Exec(text)
		errors = append(errors, state(err))
	}
	check(tx.Rollback())
	result["errors"] = errors

	tx, err = db.Begin()
	check(err)
	in, err := tx.Prepare(pq.CopyIn("w", "a"))
	check(err)
	for i := 1000; i < 2000; i++ {
		_, err = in.Exec(i)
		check(err)
	}
	_, err = in.Exec()
	check(err)
	check(in.Close())
	check(tx.Commit())
	copied := count(db, "WHERE a >= 1000")
	result["copy"] = []int{copied, copied} // The driver has no COPY TO.

	ctx, stop := context.WithTimeout(context.Background(), 500*time.Millisecond)
	_, err = db.ExecContext(ctx, "SELECT pg_sleep(60)")
	stop()
	result["cancel"] = state(err)

	rows, err := db.Query("SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g")
	check(err)
	n, total := 0, 0
	for rows.Next() {
		var g int
		var text string
		check(rows.Scan(&g, &text))
		n++
		total += g
	}
	result["large"] = []int{n, total}
	check(json.NewEncoder(os.Stdout).Encode(result))
}
