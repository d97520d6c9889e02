// Produces records as Go programs do: hamba/avro writes every array and map in blocks with their size.
// Usage: hamba BOOTSTRAP REGISTRY TOPIC ROWS
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kgo"
)

const schemaText = `{"type":"record","name":"Order","fields":[
  {"name":"id","type":"long"},
  {"name":"city","type":["null","string"]},
  {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
  {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
  {"name":"tags","type":{"type":"array","items":"string"}},
  {"name":"attrs","type":{"type":"map","values":"long"}},
  {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[
    {"name":"sku","type":"string"},{"name":"sizes","type":{"type":"array","items":"int"}}]}}}]}`

type line struct {
	Sku   string `avro:"sku"`
	Sizes []int  `avro:"sizes"`
}

type order struct {
	ID    int64            `avro:"id"`
	City  *string          `avro:"city"`
	Price *big.Rat         `avro:"price"`
	At    time.Time        `avro:"at"`
	Tags  []string         `avro:"tags"`
	Attrs map[string]int64 `avro:"attrs"`
	Lines []line           `avro:"lines"`
}

// rowOf is what hamba.py expects of row i.
func rowOf(i int) order {
	o := order{
		ID:    int64(i),
		Price: big.NewRat(int64(i-50), 100),
		At:    time.UnixMilli(1_700_000_000_000 + int64(i)),
		Tags:  []string{},
		Attrs: map[string]int64{},
		Lines: []line{},
	}
	if i%3 != 0 {
		city := "Zürich " + strconv.Itoa(i%7)
		o.City = &city
	}
	for k := 0; k < i%260; k++ { // none, one block, several, full ones
		o.Tags = append(o.Tags, "t"+strconv.Itoa(k))
	}
	for k := 0; k < i%4; k++ {
		o.Attrs["k"+strconv.Itoa(k)] = int64(i * k)
	}
	for k := 0; k < i%5; k++ {
		sizes := []int{}
		for n := 0; n < k; n++ {
			sizes = append(sizes, n-1)
		}
		o.Lines = append(o.Lines, line{Sku: "sku-" + strconv.Itoa(k), Sizes: sizes})
	}
	return o
}

func register(registry, subject string) uint32 {
	body, err := json.Marshal(map[string]string{"schema": schemaText})
	if err != nil {
		log.Fatal(err)
	}
	url := registry + "/subjects/" + subject + "/versions"
	answer, err := http.Post(url, "application/vnd.schemaregistry.v1+json", bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	var registered struct{ ID uint32 }
	if err := json.NewDecoder(answer.Body).Decode(&registered); err != nil || answer.StatusCode != http.StatusOK {
		log.Fatalf("POST %s answered %s (%v)", url, answer.Status, err)
	}
	return registered.ID
}

func main() {
	bootstrap, registry, topic := os.Args[1], os.Args[2], os.Args[3]
	rows, err := strconv.Atoi(os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	id := register(registry, topic+"-value")
	schema := avro.MustParse(schemaText)
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.DefaultProduceTopic(topic),
		kgo.ProducerBatchCompression(kgo.ZstdCompression()))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	records := make([]*kgo.Record, 0, rows)
	for i := range rows {
		value, err := avro.Marshal(schema, rowOf(i))
		if err != nil {
			log.Fatal(err)
		}
		prefix := binary.BigEndian.AppendUint32([]byte{0}, id)
		records = append(records, &kgo.Record{Key: []byte(strconv.Itoa(i)), Value: append(prefix, value...), Partition: 0})
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows, "records of schema", id, "produced")
}
