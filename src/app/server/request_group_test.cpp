#include "app/server/request_group.h"

#include <gtest/gtest.h>

namespace sightline::server {
namespace {

/// What a connection would do for a parked request.
struct TestedExchange final : net::Reply::Exchange {
  void send(net::Response response) override { status = response.status; }
  void abandon() override { status = 500; }
  void on_cancel(std::move_only_function<void(net::Cancelled)> callback) override {
    cancel = std::move(callback);
  }
  std::optional<net::Cancelled> cancelled() const override { return std::nullopt; }
  int status = 0;
  std::move_only_function<void(net::Cancelled)> cancel;
};

struct TestedTransfer final : net::Transfer {
  std::optional<net::TransferAnswer> take(std::span<const char> /*piece*/) override { return std::nullopt; }
  net::TransferAnswer end(const Error* /*broken*/) override { return {}; }
  Result<std::size_t> read(std::span<char> into) override { return into.size(); }
};

net::Response answer(int status) {
  net::Response response;
  response.status = status;
  return response;
}

class RequestGroupTest : public ::testing::Test {
 protected:
  /// Begins a request that is parked and answers what it is told.
  void park() {
    net::Parked parked;
    parked.run = [this](const net::Request&, net::Reply reply) {
      kept_.emplace(std::move(reply));
      kept_->on_cancel([this](net::Cancelled why) {
        told_ = why;
        std::move(*kept_).send(answer(204));
      });
    };
    auto decision = in_group({std::move(parked), "test"}, owner_, group_);
    std::get<net::Parked>(decision.way).run({}, net::Reply(exchange_));
  }

  std::shared_ptr<RequestGroup> group_ = std::make_shared<RequestGroup>();
  std::shared_ptr<int> owner_ = std::make_shared<int>();
  std::shared_ptr<TestedExchange> exchange_ = std::make_shared<TestedExchange>();
  std::optional<net::Reply> kept_;
  std::optional<net::Cancelled> told_;
};

TEST_F(RequestGroupTest, ParkedRequestsAreToldAndAnswer) {
  park();
  EXPECT_EQ(owner_.use_count(), 1) << "what is parked belongs to the owner";
  EXPECT_EQ(exchange_->status, 0);
  group_->end();
  EXPECT_EQ(told_, net::Cancelled::stopping);
  EXPECT_EQ(exchange_->status, 204);
}

TEST_F(RequestGroupTest, AClientThatGoesIsStillHeardOf) {
  park();
  exchange_->cancel(net::Cancelled::client_gone);
  EXPECT_EQ(told_, net::Cancelled::client_gone);
  group_->end();
  EXPECT_EQ(told_, net::Cancelled::client_gone) << "told once";
}

TEST_F(RequestGroupTest, WhatIsAnsweredIsForgotten) {
  park();
  std::move(*kept_).send(answer(200));
  kept_.reset();
  group_->end();
  EXPECT_EQ(exchange_->status, 200);
  EXPECT_FALSE(told_);
}

TEST_F(RequestGroupTest, WhatComesLaterIsRefused) {
  group_->end();
  park();
  EXPECT_EQ(exchange_->status, 503);
  EXPECT_FALSE(kept_);
  net::Unary unary;
  unary.run = [](const net::Request&) -> net::Response { return {}; };
  auto decision = in_group({std::move(unary), "test"}, owner_, group_);
  EXPECT_EQ(std::get<net::Unary>(decision.way).run({}).status, 503);
}

TEST_F(RequestGroupTest, TransfersEndAtTheirNextPiece) {
  net::Streaming streaming;
  streaming.transfer = std::make_shared<TestedTransfer>();
  const auto decision = in_group({std::move(streaming), "test"}, owner_, group_);
  net::Transfer& transfer = *std::get<net::Streaming>(decision.way).transfer;
  EXPECT_EQ(owner_.use_count(), 2);
  char byte = 0;
  EXPECT_FALSE(transfer.begin());
  EXPECT_FALSE(transfer.take({&byte, 1}));
  EXPECT_EQ(transfer.read({&byte, 1}).value_or(0), 1U);
  group_->end();
  EXPECT_EQ(transfer.begin()->response.status, 503);
  EXPECT_EQ(transfer.take({&byte, 1})->response.status, 503);
  EXPECT_EQ(transfer.end(nullptr).response.status, 503);
  EXPECT_FALSE(transfer.read({&byte, 1}));
}

}  // namespace
}  // namespace sightline::server
