def test_x(case, ledger, holed, tables, demo):
    print(ledger); print(ledger.frame.to_string()); print(holed.coverage.to_string()); print(holed.total())
    print(holed.by("zone")); print(holed.by("county")); print(holed.by("service"))
    z, i = tables
    t = case.compile(i, z); print(t.frame.to_string())
