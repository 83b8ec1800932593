//! How far off an answer may be: what is told with it. Computed from the noise alone, in floating point: nothing here protects anyone.

use crate::account::Variance;

/// The distance that noise of this variance exceeds with a probability of at most `1 - coverage`: the true number lies so near, that
/// often. A whole number, since the noise is.
pub fn half_width(variance: &Variance, coverage: f64) -> f64 {
    let sigma = variance.sigma();
    if sigma > 1_000.0 {
        // So wide, the discrete distribution is the continuous one to all digits that are shown.
        return (sigma * normal_quantile(0.5 + coverage / 2.0)).ceil();
    }
    let weight = |x: f64| (-x * x / (2.0 * sigma * sigma)).exp();
    let reach = (sigma * 40.0).ceil().max(2.0);
    let (mut tail, mut x) = (0.0, reach);
    let mut weights = Vec::new();
    while x >= 0.0 {
        weights.push((x, weight(x)));
        x -= 1.0;
    }
    let total: f64 = weights.iter().map(|(x, w)| if *x == 0.0 { *w } else { 2.0 * w }).sum();
    for (x, w) in weights {
        tail += 2.0 * w / total;
        if tail > 1.0 - coverage {
            return x;
        }
    }
    0.0
}

/// The distance within which the sum of independent noises of these variances lies so often: for sums of cells, and over providers.
pub fn combined_half_width(variances: &[Variance], coverage: f64) -> f64 {
    let variance: f64 = variances.iter().map(|variance| variance.sigma().powi(2)).sum();
    (variance.sqrt() * normal_quantile(0.5 + coverage / 2.0)).ceil()
}

/// A mean and where it lies: the noisy sum above `lower` over the noisy count. Each of the two is taken at half the risk, so that both
/// hold as often as `coverage` says or more. `None` where the count may be nothing.
pub fn mean(
    (count, count_variance): (i128, &Variance),
    (sum, sum_variance): (i128, &Variance),
    lower: i64,
    upper: i64,
    coverage: f64,
) -> Option<(f64, f64, f64)> {
    let each = 1.0 - (1.0 - coverage) / 2.0;
    let (off_count, off_sum) = (half_width(count_variance, each), half_width(sum_variance, each));
    let (count, sum, lower, upper) = (count as f64, sum as f64, lower as f64, upper as f64);
    let (least, most) = (count - off_count, count + off_count);
    if least < 1.0 {
        return None;
    }
    let ends =
        [(sum - off_sum) / least, (sum - off_sum) / most, (sum + off_sum) / least, (sum + off_sum) / most];
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let within = |value: f64| (lower + value).clamp(lower, upper);
    Some((within(sum / count), within(low), within(high)))
}

/// Below which value a `share` of the persons of a histogram lies, and where that is: between two edges, as often as `coverage` says or
/// more. The value itself is read off a straight line within its bin. `edges` are one more than cells, ascending; `variance` is one cell's.
/// `None` where there may be nobody.
pub fn quantile(
    cells: &[i128],
    edges: &[f64],
    variance: &Variance,
    share: f64,
    coverage: f64,
) -> Option<(f64, f64, f64)> {
    let (first, last) = (*edges.first()?, *edges.last()?);
    let inner = edges.get(1..edges.len().checked_sub(1)?)?;
    if cells.len() != inner.len().checked_add(1)? {
        return None;
    }
    let (sigma, width) = (variance.sigma(), cells.len() as f64);
    // All inner edges are looked at, so that each may err so much less often.
    let reach = sigma * normal_quantile(1.0 - (1.0 - coverage) / (2.0 * width.max(2.0)));
    let total = cells.iter().fold(0i128, |sum, cell| sum.saturating_add(*cell)) as f64;
    if total - reach * width.sqrt() < 1.0 {
        return None;
    }
    let (mut low, mut high) = (first, last);
    let mut below = 0i128;
    for (place, (edge, cell)) in inner.iter().zip(cells).enumerate() {
        below = below.saturating_add(*cell);
        // What lies below the edge in excess of the share, and the deviation of its noise in reaches.
        let excess = below as f64 - share * total;
        let (left, right) =
            ((place as f64 + 1.0) * (1.0 - share).powi(2), (width - place as f64 - 1.0) * share.powi(2));
        let off = reach * (left + right).sqrt();
        if excess + off < 0.0 {
            low = *edge;
        }
        if excess - off > 0.0 && high == last {
            high = *edge;
        }
    }
    let (low, high) = (low.min(high), low.max(high));
    let positive = |cell: &i128| (*cell).max(0) as f64;
    let mut rest = share * cells.iter().map(positive).sum::<f64>();
    let mut value = last;
    for (cell, ends) in cells.iter().map(positive).zip(edges.windows(2)) {
        if rest <= cell && cell > 0.0 {
            value = ends[0] + (ends[1] - ends[0]) * rest / cell;
            break;
        }
        rest -= cell;
    }
    Some((value.clamp(low, high), low, high))
}

/// Below which number a cell is not displayed: 11, or what noise alone exceeds once in a hundred times.
pub fn display_threshold(variance: &Variance) -> f64 {
    (2.33 * variance.sigma()).max(11.0)
}

/// The point below which a normal variable lies with probability `p` (Acklam's rational approximation, relative error 1.2e-9).
fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
    ];
    const C: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [0.007_784_695_709_041_462, 0.322_467_129_070_039_8, 2.445_134_137_142_996, 3.754_408_661_907_416];
    let poly = |of: &[f64], x: f64| of.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |q: f64| poly(&C, q) / (poly(&D, q) * q + 1.0);
    if p < 0.024_25 {
        tail((-2.0 * p.ln()).sqrt())
    } else if p > 1.0 - 0.024_25 {
        -tail((-2.0 * (1.0 - p).ln()).sqrt())
    } else {
        let q = p - 0.5;
        let r = q * q;
        poly(&A, r) * q / (poly(&B, r) * r + 1.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn half_width_should_be_that_of_a_normal_when_the_noise_is_wide() {
        for (sigma, expected) in [(100u32, 196.0), (500, 980.0), (2_000, 3_920.0)] {
            let variance = Variance::new(sigma * sigma, 1u8).unwrap();
            assert!((half_width(&variance, 0.95) - expected).abs() <= 1.0, "{sigma}");
        }
        assert!((normal_quantile(0.975) - 1.959_963_985).abs() < 1e-7);
        assert!((normal_quantile(0.01) + 2.326_347_874).abs() < 1e-7);
    }

    #[test]
    fn half_width_should_be_nothing_when_there_is_next_to_no_noise() {
        assert_eq!(half_width(&Variance::new(1u8, 100u8).unwrap(), 0.95), 0.0);
    }

    #[test]
    fn quantile_should_be_read_off_its_bin_and_lie_between_edges_that_noise_cannot_move() {
        let (variance, edges) = (Variance::new(100u8, 1u8).unwrap(), [0.0, 10.0, 20.0, 30.0]);
        let of = |cells: &[i128], share| quantile(cells, &edges, &variance, share, 0.95);
        assert_eq!(of(&[1_000, 2_000, 1_000], 0.5), Some((15.0, 10.0, 20.0)));
        // So near to an edge that it may lie on either side.
        assert_eq!(of(&[1_000, 2_000, 1_000], 0.25), Some((10.0, 0.0, 20.0)));
        // Cells below nothing are nobody.
        assert_eq!(of(&[-9, 2_000, -9], 0.5), Some((15.0, 10.0, 20.0)));
        assert_eq!(of(&[20, 5, -3], 0.5), None);
        assert_eq!(of(&[1_000, 2_000], 0.5), None);
        assert_eq!(quantile(&[900], &[0.0, 5.0], &variance, 0.5, 0.95), Some((2.5, 0.0, 5.0)));
    }

    #[test]
    fn quantile_should_lie_where_it_is_said_to_as_often_as_is_said() {
        use medrec_primitives::research::TableKind;

        const DRAWS: usize = 2_000;
        let (kind, rho) = (TableKind::Histogram { cells: 6 }, 10_000);
        let exact = [vec![1_000], vec![100, 300, 250, 200, 100, 50]];
        let part = kind.parts(rho).unwrap().into_iter().flatten().nth(1).unwrap();
        let (variance, edges) = (Variance::of(&part).unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let mut missed = 0;
        for _ in 0..DRAWS {
            let drawn = crate::answer(&mut crate::Fresh::default(), kind, rho, &exact).unwrap();
            // The bins in which the quartiles truly lie.
            for (share, bin) in [(0.25, 1.0), (0.5, 2.0), (0.75, 3.0)] {
                let (value, low, high) = quantile(&drawn[1].numbers, &edges, &variance, share, 0.95).unwrap();
                assert!(low <= value && value <= high);
                missed += usize::from(low > bin || high < bin + 1.0);
            }
        }
        // 5 of 100 at most; 6 would be off by more than three standard deviations.
        assert!(missed * 100 <= 6 * 3 * DRAWS, "{missed} of {} miss", 3 * DRAWS);
    }

    #[test]
    fn mean_should_have_no_interval_when_the_count_may_be_nothing() {
        let variance = Variance::new(100u8, 1u8).unwrap();
        assert_eq!(mean((15, &variance), (100, &variance), 0, 10, 0.95), None);
        let (mean, low, high) = mean((1_000, &variance), (5_000, &variance), 40, 140, 0.95).unwrap();
        assert!(low < mean && mean < high && (mean - 45.0).abs() < 1e-9);
        assert!((low - 44.86).abs() < 0.05 && (high - 45.14).abs() < 0.05, "{low} {high}");
    }
}
