#include "cloud/queues/message.h"

#include <gtest/gtest.h>

namespace sightline::queues {
namespace {

std::optional<ErrorKind> refusal(NewMessage message, std::int64_t size = 1'048'576) {
  const auto checked = MessageCheck(message).verdict(size);
  return checked ? std::nullopt : std::optional(checked.error().kind);
}

TEST(Message, DigestsAreThoseOfSqs) {
  EXPECT_EQ(md5_hex("hello"), "5d41402abc4b2a76b9719d911017c592");
  // As the service answers for this attribute.
  EXPECT_EQ(md5_of_attributes({{"timestamp", "Number.java.lang.Long", "1493147359900"}}),
            "2e2e4876d8e0bd6b8c2c8f556831c349");
  EXPECT_EQ(md5_of_attributes({}), "");
}

TEST(Message, AttributesSurviveTheStore) {
  const std::vector<MessageAttribute> attributes{{"a", "Binary.png", std::string("\0\xFF", 2)},
                                                 {"b", "String", "text"}};
  EXPECT_EQ(*decode_attributes(encode_attributes(attributes)), attributes);
  const std::string bytes = encode_attributes(attributes);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    const auto decoded = decode_attributes(std::string_view(bytes).substr(0, cut));
    EXPECT_TRUE(!decoded || decoded->size() < attributes.size()) << cut;
  }
}

TEST(Message, WhatSqsRefusesIsRefused) {
  EXPECT_EQ(refusal({.body = "tab\t line\n \xC3\xA9 \xF0\x9F\x98\x80"}), std::nullopt);
  EXPECT_EQ(refusal({.body = ""}), ErrorKind::invalid_argument);
  for (const std::string_view body : {"\x01", "\xEF\xBF\xBE", "\x7F\x1F"})
    EXPECT_EQ(refusal({.body = std::string(body)}), ErrorKind::unsupported) << body;
  EXPECT_EQ(refusal({.body = std::string(1025, 'a')}, 1024), ErrorKind::too_large);
  EXPECT_EQ(refusal({.body = std::string(1024, 'a')}, 1024), std::nullopt);
  EXPECT_EQ(refusal({.body = std::string(1015, 'a'), .attributes = {{"n", "String", "abc"}}}, 1024),
            ErrorKind::too_large);
  EXPECT_EQ(refusal({.body = "b", .delay = 901}), ErrorKind::invalid_argument);
}

TEST(Message, AttributesHaveNamesTypesAndValues) {
  const auto with = [](std::string name, std::string type, std::string value) {
    return refusal({.body = "b", .attributes = {{std::move(name), std::move(type), std::move(value)}}});
  };
  EXPECT_EQ(with("n.a-m_e", "String.label", "v"), std::nullopt);
  EXPECT_EQ(with("n", "Number", "-1.5e3"), std::nullopt);
  for (const char* name : {"", ".n", "n.", "a..b", "a b", "AWS.n", "Amazon.x"})
    EXPECT_EQ(with(name, "String", "v"), ErrorKind::invalid_argument) << name;
  EXPECT_EQ(with("n", "Float", "1"), ErrorKind::invalid_argument);
  EXPECT_EQ(with("n", "Number", "one"), ErrorKind::invalid_argument);
  EXPECT_EQ(with("n", "String", ""), ErrorKind::invalid_argument);
  EXPECT_EQ(with("n", "String", "\x02"), ErrorKind::unsupported);
  EXPECT_EQ(with("n", "Binary", "\x02"), std::nullopt);
  NewMessage many{.body = "b"};
  for (int i = 0; i < 11; ++i) many.attributes.push_back({"n" + std::to_string(i), "String", "v"});
  EXPECT_EQ(refusal(many), ErrorKind::invalid_argument);
}

TEST(Receipt, SaysWhichMessageAndWhichReceipt) {
  const Receipt receipt{123'456'789'012, "00000000-0000-4000-8000-000000000000", "0123456789abcdef"};
  const auto decoded = decode_receipt(encode_receipt(receipt));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->queue, receipt.queue);
  EXPECT_EQ(decoded->message, receipt.message);
  EXPECT_EQ(decoded->token, receipt.token);
  for (const char* handle : {"", "no base64!", "YWJj"}) EXPECT_FALSE(decode_receipt(handle)) << handle;
}

}  // namespace
}  // namespace sightline::queues
