import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A bureau's client with nothing but Kafka's own clients and Avro: publishes a signed incident in TEST mode, and reads
 * the alerts about it.
 *
 * <p>Arguments: client.properties, the registry's address, the bureau's code, number and issuing country of the passport
 * that was met, the private key to sign with (PEM), its id. Ends with 0 once an alert about the incident came, with 1 if none came within a minute.
 */
public final class PublishAndRead {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Properties client;
    private final String registry;
    private final PrivateKey key;
    private final String keyId;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final Map<Integer, Schema> schemas = new HashMap<>();

    private PublishAndRead(Properties client, String registry, PrivateKey key, String keyId) {
        this.client = client;
        this.registry = registry;
        this.key = key;
        this.keyId = keyId;
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 7) {
            System.err.println("usage: PublishAndRead client.properties REGISTRY CC PASSPORT-NUMBER ISSUER KEY.pem KEY-ID");
            System.exit(2);
        }
        Properties client = new Properties();
        try (FileInputStream file = new FileInputStream(args[0])) {
            client.load(file);
        }
        PublishAndRead bureau =
                new PublishAndRead(client, args[1].replaceAll("/+$", ""), privateKey(args[5]), args[6]);
        String code = args[2];
        String incidentId = "java-" + UUID.randomUUID();
        bureau.publish(code, incidentId, args[3], args[4]);
        System.exit(bureau.heard(code, incidentId) ? 0 : 1);
    }

    /** Publishes one border check. The default partitioner (murmur2 of the key) is the right one: set none. */
    private void publish(String code, String incidentId, String number, String issuer) throws Exception {
        JsonNode latest = get("/subjects/tocsin.Incident/versions/latest");
        int schemaId = latest.get("id").asInt(); // ids differ from registry to registry: ask, never write one down
        Schema schema = new Schema.Parser().parse(latest.get("schema").asText());
        GenericRecord incident = incident(schema, code, incidentId, number, issuer);

        Properties settings = new Properties();
        settings.putAll(client);
        settings.put("acks", "all");
        settings.put("enable.idempotence", "true");
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            byte[] value = onTheWire(incident, schemaId);
            ProducerRecord<String, byte[]> record = new ProducerRecord<>("incidents." + code, incidentId, value);
            sign(record);
            var sent = producer.send(record).get();
            System.out.println("published " + incidentId + " at " + sent);
        }
    }

    /** What must be said; the builder puts in every other field at its default. */
    private static GenericRecord incident(Schema schema, String code, String incidentId, String number, String issuer) {
        Schema subjectSchema = schema.getField("subjects").schema().getElementType();
        Schema nameSchema = subjectSchema.getField("names").schema().getElementType();
        Schema documentSchema = subjectSchema.getField("documents").schema().getElementType();
        Schema locationSchema = schema.getField("location").schema();
        GenericRecord name = new GenericRecordBuilder(nameSchema).set("full", "Rahima Khatun").build();
        GenericRecord passport = new GenericRecordBuilder(documentSchema)
                .set("type", symbol(documentSchema, "type", "PASSPORT"))
                .set("number", number)
                .set("country", issuer)
                .build();
        GenericRecord subject = new GenericRecordBuilder(subjectSchema)
                .set("subject_id", "s1")
                .set("names", List.of(name))
                .set("documents", List.of(passport))
                .build();
        GenericRecord location = new GenericRecordBuilder(locationSchema).set("country", code).set("point", "Post 1").build();
        long now = System.currentTimeMillis();
        return new GenericRecordBuilder(schema)
                .set("event_id", uuid7(now).toString())
                .set("producer", code)
                .set("occurred_at", now)
                .set("recorded_at", now)
                .set("exercise", symbol(schema, "exercise", "TEST"))
                .set("incident_id", incidentId)
                .set("incident_type", symbol(schema, "incident_type", "BORDER_CHECK"))
                .set("location", location)
                .set("subjects", List.of(subject))
                .build();
    }

    private static GenericData.EnumSymbol symbol(Schema record, String field, String code) {
        return new GenericData.EnumSymbol(record.getField(field).schema(), code);
    }

    /** Confluent wire format: a zero byte, the schema id in four bytes, highest first, and the Avro record. */
    private static byte[] onTheWire(GenericRecord record, int schemaId) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.write(ByteBuffer.allocate(4).putInt(schemaId).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    /** Adds the headers of the signature, by the JDK's own Ed25519: over the topic, the key, the value and the time. */
    private void sign(ProducerRecord<String, byte[]> record) throws Exception {
        byte[] signedAt = utf8(Long.toString(System.currentTimeMillis()));
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(signed);
        for (byte[] part :
                List.of(utf8("tocsin message 1"), utf8(record.topic()), utf8(record.key()), record.value(), signedAt)) {
            out.writeInt(part.length); // four bytes, highest first
            out.write(part);
        }
        Signature ed25519 = Signature.getInstance("Ed25519");
        ed25519.initSign(key);
        ed25519.update(signed.toByteArray());
        record.headers()
                .add("tocsin-key-id", utf8(keyId))
                .add("tocsin-signed-at", signedAt)
                .add("tocsin-signature", Base64.getEncoder().encode(ed25519.sign()));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A private key as openssl and tocsin key new write it: PKCS 8 in PEM. */
    private static PrivateKey privateKey(String file) throws Exception {
        String body = Files.readString(Path.of(file)).replaceAll("-----[A-Z ]+-----|\\s", "");
        return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
    }

    /** Reads the bureau's alerts, committed ones only, until one is about this incident. */
    private boolean heard(String code, String incidentId) throws Exception {
        Properties settings = new Properties();
        settings.putAll(client);
        settings.put("group.id", code + "-java-example"); // a bureau's groups begin with its code
        settings.put("isolation.level", "read_committed"); // without it, alerts that never came to stand are read too
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        Instant end = Instant.now().plus(PATIENCE);
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = consumer.partitionsFor("alerts." + code).stream()
                    .map((PartitionInfo one) -> new TopicPartition(one.topic(), one.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            while (Instant.now().isBefore(end)) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    if (record.key().equals("TEST:" + code + ":" + incidentId)) {
                        System.out.println(read(record.value()));
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** The record by the schema that it was written with. */
    private GenericRecord read(byte[] value) throws Exception {
        ByteBuffer header = ByteBuffer.wrap(value);
        if (header.get() != 0) {
            throw new IOException("not Confluent wire format");
        }
        int schemaId = header.getInt();
        Schema writer = schemas.get(schemaId);
        if (writer == null) {
            writer = new Schema.Parser().parse(get("/schemas/ids/" + schemaId).get("schema").asText());
            schemas.put(schemaId, writer);
        }
        return new GenericDatumReader<GenericRecord>(writer)
                .read(null, DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null));
    }

    private JsonNode get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(registry + path)).timeout(Duration.ofSeconds(10)).build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("the registry answered " + answer.statusCode() + " to " + path);
        }
        return json.readTree(answer.body());
    }

    /** A UUID of version 7: milliseconds, then chance. */
    private static UUID uuid7(long millis) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = millis << 16 | 0x7000 | random.nextInt(1 << 12);
        long low = random.nextLong() & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L;
        return new UUID(high, low);
    }
}
