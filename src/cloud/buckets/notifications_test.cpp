#include "cloud/buckets/notifications.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloud/buckets/buckets_test_fixture.h"
#include "store/stores_test_support.h"

namespace sightline::buckets {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::vector<std::string> kCreated{"s3:ObjectCreated:*"};

Notification filtered(std::string id, std::vector<std::string> events, std::optional<std::string> prefix,
                      std::optional<std::string> suffix) {
  return {std::move(id), std::string(test::kTarget), std::move(events), std::move(prefix), std::move(suffix)};
}

std::optional<Problem> verdict_on(const Notification& a, const Notification& b) {
  const Notification both[] = {a, b};
  return test::problem(check_notifications(both));
}

TEST(Notifications, AskByEventAndKey) {
  const Notification one = filtered("1", {"s3:ObjectCreated:Put", "s3:ObjectRemoved:*"}, "in/", ".jpg");
  EXPECT_TRUE(asks_for(one, Change::put, "in/a.jpg"));
  EXPECT_TRUE(asks_for(one, Change::deleted, "in/a.jpg"));
  EXPECT_FALSE(asks_for(one, Change::copied, "in/a.jpg"));
  EXPECT_FALSE(asks_for(one, Change::put, "out/a.jpg"));
  EXPECT_FALSE(asks_for(one, Change::put, "in/a.png"));
  EXPECT_TRUE(asks_for(filtered("1", kCreated, {}, ""), Change::uploaded_in_parts, ""));
  EXPECT_FALSE(asks_for(filtered("1", {"s3:ObjectTagging:*"}, {}, {}), Change::put, "k"));
}

TEST(Notifications, OverlapWhereOneObjectMayConcernTwo) {
  const auto free = std::optional<Problem>();
  EXPECT_EQ(verdict_on(filtered("1", kCreated, {}, {}), filtered("2", {"s3:ObjectRemoved:*"}, {}, {})), free);
  EXPECT_EQ(verdict_on(filtered("1", kCreated, {}, {}), filtered("2", {"s3:ObjectCreated:Put"}, {}, {})),
            Problem::notifications_overlap);
  EXPECT_EQ(verdict_on(filtered("1", kCreated, "images/", {}), filtered("2", kCreated, "logs/", {})), free);
  EXPECT_EQ(verdict_on(filtered("1", kCreated, "images", {}), filtered("2", kCreated, "images/jpg", {})),
            Problem::notification_filters_overlap);
  EXPECT_EQ(verdict_on(filtered("1", kCreated, {}, {}), filtered("2", kCreated, "a", {})),
            Problem::notification_filters_overlap);
  EXPECT_EQ(verdict_on(filtered("1", kCreated, {}, "jpg"), filtered("2", kCreated, {}, "pg")),
            Problem::notification_filters_overlap);
  EXPECT_EQ(verdict_on(filtered("1", kCreated, "images", ".jpg"), filtered("2", kCreated, "images", ".png")),
            free)
      << "the same prefixes, but no suffix that both have";
  EXPECT_EQ(verdict_on(filtered("same", kCreated, "a", {}), filtered("same", kCreated, "b", {})),
            Problem::notification_id_repeated);
  const Notification two[] = {filtered("1", {"s3:ObjectRemoved:*"}, {}, {}),
                              filtered("2", {"s3:ObjectCreated:Put", "s3:ObjectRemoved:Delete"}, {}, {})};
  EXPECT_EQ(check_notifications(two).error().facts.events, "s3:ObjectRemoved:*, s3:ObjectRemoved:Delete");
}

class NotifiedBuckets : public test::BucketsTest {
 protected:
  Answer<void> set(const std::vector<Notification>& notifications, bool announce = false) {
    return buckets_->set_notifications(test::kAccount, "pictures", notifications, announce, {});
  }
  std::vector<store::Event> waiting() { return outbox_->claim(kObjectEvents, 100).value(); }
};

TEST_F(NotifiedBuckets, KeepTheirNotificationsInTheirOrder) {
  make_bucket();
  const std::vector<Notification> some{filtered("b", kCreated, "x\xFF", {}),
                                       filtered("a", {"s3:ObjectCreated:Put", "s3:ObjectRemoved:*"}, "y", ""),
                                       filtered("c", {"s3:ObjectRemoved:Delete"}, "x", ".z")};
  ASSERT_TRUE(set(some));
  close_buckets();
  open_buckets();
  EXPECT_EQ(buckets_->notifications(test::kAccount, "pictures").value(), some);
  EXPECT_EQ(test::problem(buckets_->notifications(test::kAccount, "other")), Problem::no_such_bucket);
  EXPECT_EQ(test::problem(buckets_->set_notifications(test::kAccount, "other", {}, true, {})),
            Problem::no_such_bucket);
  ASSERT_TRUE(set({}));
  EXPECT_THAT(buckets_->notifications(test::kAccount, "pictures").value(), IsEmpty());
}

TEST_F(NotifiedBuckets, LeaveNoneToALaterOneOfTheirName) {
  make_bucket();
  ASSERT_TRUE(buckets_->delete_bucket(test::kAccount, "pictures"));
  ASSERT_TRUE(buckets_->create_bucket(test::kAccount, test::kRegion, "pictures"));
  EXPECT_THAT(buckets_->notifications(test::kAccount, "pictures").value(), IsEmpty());
}

TEST_F(NotifiedBuckets, AppendAnEventForWhoAsksForIt) {
  make_bucket();
  ASSERT_TRUE(set({filtered("jpg", kCreated, {}, ".jpg"), filtered("gone", {"s3:ObjectRemoved:*"}, {}, {})}));
  ASSERT_TRUE(put("a.png", "nobody asks"));
  PutOptions options;
  options.origin = {"AIDA", "192.0.2.1", "the-request", "Root=1", Cause().through("before")};
  ASSERT_TRUE(put("a.jpg", "abc", options));
  ASSERT_TRUE(buckets_->remove(name("a.png")));
  const auto events = waiting();
  ASSERT_THAT(events, SizeIs(2));
  const ObjectEvent created = decode_event(events[0]).value();
  EXPECT_EQ(created.change, Change::put);
  EXPECT_EQ(created.bucket + "/" + created.key, "pictures/a.jpg");
  EXPECT_EQ(created.size, 3U);
  EXPECT_EQ(created.etag, "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(created.time, clock_.now());
  EXPECT_EQ(created.account, test::kAccount);
  EXPECT_EQ(created.region, test::kRegion);
  EXPECT_EQ(created.notification, "jpg");
  EXPECT_EQ(events[0].target, test::kTarget);
  EXPECT_EQ(created.origin.principal, "AIDA");
  EXPECT_EQ(created.origin.source_ip, "192.0.2.1");
  EXPECT_EQ(created.origin.request_id, "the-request");
  EXPECT_EQ(created.origin.trace_header, "Root=1");
  EXPECT_EQ(created.origin.cause.passes("before"), 1);
  const ObjectEvent gone = decode_event(events[1]).value();
  EXPECT_EQ(gone.change, Change::deleted);
  EXPECT_EQ(gone.notification, "gone");
  EXPECT_EQ(gone.etag, "");
  EXPECT_GT(gone.sequence, created.sequence);
}

TEST_F(NotifiedBuckets, AnnounceThemselvesToTheirTargets) {
  make_bucket();
  ASSERT_TRUE(set({filtered("1", kCreated, "a", {}), filtered("2", kCreated, "b", {})}, true));
  const auto events = waiting();
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].subscription + events[1].subscription, "12");
  EXPECT_EQ(decode_event(events[0])->change, Change::configured);
  EXPECT_EQ(decode_event(events[0])->bucket, "pictures");
}

TEST_F(NotifiedBuckets, ChangeNothingWhereNoMoreEventsMayWait) {
  store::Outbox small(*database_, clock_, random_, {.max_waiting = 1});
  buckets_ = std::make_unique<Buckets>(*database_, *blobs_, clock_, random_, BucketsOptions{&small});
  make_bucket();
  ASSERT_TRUE(put("one", "x"));
  EXPECT_EQ(test::problem(put("two", "x")), Problem::too_many_events);
  EXPECT_EQ(get("two"), "(none)");
  EXPECT_EQ(blob_files(), 1U);
  EXPECT_EQ(test::problem(buckets_->remove(name("one"))), Problem::too_many_events);
  EXPECT_EQ(get("one"), "x");
  ASSERT_TRUE(set({}));
  EXPECT_TRUE(buckets_->remove(name("one"))) << "nobody asks";
}

TEST_F(NotifiedBuckets, HaveNoneInAFolderOfAnOlderVersion) {
  close_buckets();
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directory(folder_);
  store::Schema old = kBucketsSchema;
  old.migrations = old.migrations.first(2);
  constexpr std::string_view kInsert =
      "INSERT INTO buckets (account, region, name, created) VALUES ($1, 'us-east-1', 'pictures', 5)";
  constexpr std::string_view kStatements[] = {kInsert};
  old.statements = kStatements;
  store::Schema events = store::kEventsSchema;
  events.migrations = events.migrations.first(1);
  events.statements = {};
  {
    auto database = store::stores_in_folder(folder_)->open({"buckets", {old, events}});
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE((*database)->write([&](store::Transaction& transaction) -> Result<void> {
      TRY(transaction.execute(kInsert, {test::kAccount}));
      return {};
    }));
  }
  open_buckets();
  EXPECT_THAT(buckets_->notifications(test::kAccount, "pictures").value(), IsEmpty());
  ASSERT_TRUE(put("key", "abc"));
  EXPECT_THAT(waiting(), IsEmpty());
  ASSERT_TRUE(set({filtered("1", kCreated, {}, {})}));
  ASSERT_TRUE(put("key", "abc"));
  EXPECT_THAT(waiting(), SizeIs(1));
}

}  // namespace
}  // namespace sightline::buckets
