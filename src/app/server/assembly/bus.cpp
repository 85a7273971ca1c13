// Where events come from and may go: outboxes and the kinds of targets, each added by its own domain.

#include "app/server/assembly/domains.h"
#include "aws/admin/operations.h"
#include "cloud/bus/outboxes.h"
#include "cloud/bus/target.h"

namespace sightline::server {
namespace {

class BusDomain final : public Domain {
 public:
  static Result<std::unique_ptr<Domain>> open(Assembly& assembly) {
    auto domain = std::make_unique<BusDomain>();
    assembly.provide(domain->targets_);
    assembly.provide(domain->outboxes_);
    return domain;
  }

  Result<void> join(Assembly& assembly) override {
    aws::admin::add_event_operations(assembly.operations, outboxes_, assembly.environment.pools.quick);
    return {};
  }

 private:
  bus::Targets targets_;
  bus::Outboxes outboxes_;
};

}  // namespace

const DomainKind& bus_domain() {
  static const DomainKind kind{.name = "bus", .open = BusDomain::open};
  return kind;
}

}  // namespace sightline::server
