"""What the components of a family share: rules of sizes, and the checks behind them."""
