"""What tools/check_service.py finds in services made up here."""
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import check_service  # noqa: E402

LISTED = ["packaging/contents.txt", "docs/layers.txt", "src/CMakeLists.txt", "docs/architecture.md"]


class Services(unittest.TestCase):
    def findings(self, **changed: str) -> list[str]:
        texts = {"packaging/contents.txt": "botocore/data/pets/x", "docs/layers.txt": "aws/pets: base",
                 "src/CMakeLists.txt": "sightline_aws_service(pets)", "docs/architecture.md": "aws/pets/ animals",
                 "src/aws/pets/operations.cpp": '#include "aws/pets/model.h"',
                 "src/app/server/assembly/pets.cpp": '#include "aws/pets/model.h"',
                 "src/app/server/services_test.cpp": '#include "aws/pets/model.h"', "tests/wire/test_pets.py": "aws/pets",
                 **changed}
        return check_service.check(LISTED, {Path(name): text for name, text in texts.items()}, ["pets"])

    def test_a_service_in_the_files_that_are_named_is_fine(self) -> None:
        self.assertEqual(self.findings(), [])

    def test_an_edit_elsewhere_is_found(self) -> None:
        self.assertEqual(self.findings(**{"src/app/server/services.cpp": '#include "aws/pets/model.h"'}),
                         ["src/app/server/services.cpp: names pets, and docs/adding-a-service.md does not have it edited"])

    def test_an_edit_that_is_not_needed_is_found(self) -> None:
        self.assertEqual(self.findings(**{"docs/layers.txt": "aws/petshop: base"}),
                         ["docs/adding-a-service.md: has docs/layers.txt edited, which does not name pets"])

    def test_four_at_most(self) -> None:
        self.assertEqual(check_service.check([*LISTED, "a"], {}, []),
                         ["docs/adding-a-service.md: names 5 files to edit, of 4 at most"])


if __name__ == "__main__":
    unittest.main()
