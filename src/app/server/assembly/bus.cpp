// Where events may go: the kinds of targets, each added by its own domain.

#include "app/server/assembly/domains.h"
#include "cloud/bus/target.h"

namespace sightline::server {
namespace {

class BusDomain final : public Domain {
 public:
  static Result<std::unique_ptr<Domain>> open(Assembly& assembly) {
    auto domain = std::make_unique<BusDomain>();
    assembly.provide(domain->targets_);
    return domain;
  }

  Result<void> join(Assembly& /*assembly*/) override { return {}; }

 private:
  bus::Targets targets_;
};

}  // namespace

const DomainKind& bus_domain() {
  static const DomainKind kind{.name = "bus", .open = BusDomain::open};
  return kind;
}

}  // namespace sightline::server
