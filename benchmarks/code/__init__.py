"""Programs made from formulas beside automatic differentiation and code written by hand.

python -m benchmarks.code [--family NAME] [--quick] [--torch-compile] [--memory]
"""
