#include "cloud/queues/queue_tables.h"

namespace sightline::queues {
namespace {

constexpr std::string_view kMigrations[] = {
    // `queue`: the number of a queue, not its name: what a deleted one leaves behind is never in a later one.
    // `visible`: from when on a message may be received; `sequence`: the order of sending.
    R"(CREATE TABLE queues (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         name BLOB NOT NULL,
         number BIGINT NOT NULL,
         visibility_timeout BIGINT NOT NULL,
         delay BIGINT NOT NULL,
         retention BIGINT NOT NULL,
         maximum_message_size BIGINT NOT NULL,
         receive_wait BIGINT NOT NULL,
         created BIGINT NOT NULL,
         PRIMARY KEY (account, region, name));
       CREATE UNIQUE INDEX queues_by_number ON queues (account, region, number);
       CREATE TABLE messages (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         queue BIGINT NOT NULL,
         id TEXT NOT NULL,
         body TEXT NOT NULL,
         attributes BLOB NOT NULL,
         sender TEXT NOT NULL,
         trace_header TEXT,
         sent BIGINT NOT NULL,
         sequence BIGINT NOT NULL,
         visible BIGINT NOT NULL,
         receives BIGINT NOT NULL,
         first_received BIGINT NOT NULL,
         receipt TEXT NOT NULL,
         PRIMARY KEY (account, region, queue, id));
       CREATE INDEX messages_by_visible ON messages (account, region, queue, visible, sequence);
       CREATE INDEX messages_by_sent ON messages (account, region, queue, sent);
       CREATE TABLE queues_abandoned (
         account TEXT NOT NULL,
         region TEXT NOT NULL,
         number BIGINT NOT NULL,
         PRIMARY KEY (account, region, number));)",
    // `arrivals`: what was taken from the bus and may come again. It outlives the message.
    R"(ALTER TABLE messages ADD COLUMN cause TEXT NOT NULL DEFAULT '';
       CREATE TABLE arrivals (
         source TEXT NOT NULL,
         event TEXT NOT NULL,
         subscription TEXT NOT NULL,
         arrived BIGINT NOT NULL,
         PRIMARY KEY (source, event, subscription));
       CREATE INDEX arrivals_by_time ON arrivals (arrived);)",
};

}  // namespace

namespace sql {

constexpr std::string_view kInsertQueue =
    "INSERT INTO queues (account, region, name, number, visibility_timeout, delay, retention, "
    "maximum_message_size, receive_wait, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
constexpr std::string_view kQueue =
    "SELECT number, visibility_timeout, delay, retention, maximum_message_size, receive_wait FROM queues "
    "WHERE account = $1 AND region = $2 AND name = $3";
constexpr std::string_view kDeleteQueue =
    "DELETE FROM queues WHERE account = $1 AND region = $2 AND name = $3";
constexpr std::string_view kAllQueues = "SELECT account, region, number, retention FROM queues";

constexpr std::string_view kInsertMessage =
    "INSERT INTO messages (account, region, queue, id, body, attributes, sender, trace_header, sent, "
    "sequence, visible, receives, first_received, receipt, cause) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, '', $12)";
// `visible` is asked for twice, for the case that another process has claimed the message in between.
constexpr std::string_view kClaim =
    "UPDATE messages SET visible = $1, receipt = $2, "
    "first_received = CASE WHEN receives = 0 THEN $3 ELSE first_received END, receives = receives + 1 "
    "WHERE account = $4 AND region = $5 AND queue = $6 AND visible <= $7 AND id IN "
    "(SELECT m.id FROM messages m WHERE m.account = $8 AND m.region = $9 AND m.queue = $10 "
    "AND m.visible <= $11 AND m.sent > $12 ORDER BY m.visible, m.sequence LIMIT $13) "
    "RETURNING id, body, attributes, sender, trace_header, sent, first_received, receives, sequence, cause";
constexpr std::string_view kGiveBack =
    "UPDATE messages SET visible = $1, receives = receives - 1 "
    "WHERE account = $2 AND region = $3 AND queue = $4 AND id = $5 AND receipt = $6";
constexpr std::string_view kDeleteMessage =
    "DELETE FROM messages WHERE account = $1 AND region = $2 AND queue = $3 AND id = $4 AND receipt = $5";
constexpr std::string_view kNextVisible =
    "SELECT visible FROM messages WHERE account = $1 AND region = $2 AND queue = $3 "
    "ORDER BY visible, sequence LIMIT 1";

constexpr std::string_view kInsertAbandoned =
    "INSERT INTO queues_abandoned (account, region, number) VALUES ($1, $2, $3)";
constexpr std::string_view kAbandoned = "SELECT account, region, number FROM queues_abandoned";
constexpr std::string_view kDeleteAbandoned =
    "DELETE FROM queues_abandoned WHERE account = $1 AND region = $2 AND number = $3";
constexpr std::string_view kDeleteOld =
    "DELETE FROM messages WHERE account = $1 AND region = $2 AND queue = $3 AND id IN "
    "(SELECT m.id FROM messages m WHERE m.account = $4 AND m.region = $5 AND m.queue = $6 "
    "AND m.sent <= $7 ORDER BY m.sent LIMIT $8)";

constexpr std::string_view kInsertArrival =
    "INSERT INTO arrivals (source, event, subscription, arrived) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (source, event, subscription) DO NOTHING";
constexpr std::string_view kDeleteArrival =
    "DELETE FROM arrivals WHERE source = $1 AND event = $2 AND subscription = $3";
constexpr std::string_view kDeleteOldArrivals = "DELETE FROM arrivals WHERE arrived <= $1";

}  // namespace sql

namespace {

constexpr std::string_view kStatements[] = {
    sql::kInsertQueue,   sql::kQueue,           sql::kDeleteQueue,   sql::kAllQueues,
    sql::kInsertMessage, sql::kClaim,           sql::kGiveBack,      sql::kDeleteMessage,
    sql::kNextVisible,   sql::kInsertAbandoned, sql::kAbandoned,     sql::kDeleteAbandoned,
    sql::kDeleteOld,     sql::kInsertArrival,   sql::kDeleteArrival, sql::kDeleteOldArrivals};

}  // namespace

const store::Schema kQueuesSchema{"queues", kMigrations, kStatements};

}  // namespace sightline::queues
