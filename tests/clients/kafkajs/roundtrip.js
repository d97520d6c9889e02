// kafkajs: create a topic of three partitions, produce with keys, headers and gzip, consume all of it in a group.
const { Kafka, CompressionTypes, logLevel } = require('kafkajs');

async function main(broker) {
  const kafka = new Kafka({ clientId: 'firn-check', brokers: [broker], logLevel: logLevel.ERROR });
  const admin = kafka.admin();
  await admin.connect();
  const topic = 'kafkajs-' + Date.now();
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  const messages = Array.from({ length: 900 }, (_, i) => ({
    key: 'k' + i, value: 'v' + i, partition: i % 3, headers: { n: String(i) },
  }));
  await producer.send({ topic, messages, acks: -1, compression: CompressionTypes.GZIP });
  const consumer = kafka.consumer({ groupId: topic + '-group' });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const seen = new Map();
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`read ${seen.size} of 900`)), 60000).unref();
    consumer.run({ eachMessage: async ({ partition, message }) => {
      const i = Number(message.headers.n.toString());
      if (message.key.toString() !== 'k' + i || message.value.toString() !== 'v' + i || partition !== i % 3) {
        reject(new Error('wrong record ' + JSON.stringify(message)));
      }
      seen.set(i, true);
      if (seen.size === 900) resolve();
    } }).catch(reject);
  });
  await consumer.disconnect();
  const offsets = await admin.fetchTopicOffsets(topic);
  if (offsets.some((o) => o.high !== '300')) throw new Error('offsets ' + JSON.stringify(offsets));
  await producer.disconnect();
  await admin.disconnect();
  console.log('kafkajs read 900 of 900 records from 3 partitions');
}

main(process.argv[2]).then(() => process.exit(0), (e) => { console.error(e); process.exit(1); });
