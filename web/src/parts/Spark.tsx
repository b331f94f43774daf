/** A week in one small line: for figures. */
import css from './Spark.module.css';

interface SparkProps {
  readonly values: readonly number[];
  readonly mood?: 'good' | 'waiting' | 'bad' | 'neutral';
  readonly label: string;
}

const width = 160;
const height = 32;

export function Spark({ values, mood = 'neutral', label }: SparkProps) {
  const top = Math.max(1, ...values);
  const x = (i: number): number => (values.length < 2 ? width : (i / (values.length - 1)) * width);
  const y = (value: number): number => height - 2 - (value / top) * (height - 4);
  const line = values
    .map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('');
  return (
    <svg
      className={css['spark']}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      data-mood={mood}
      role="img"
      aria-label={label}
    >
      <path d={`${line}L${width} ${height}L0 ${height}Z`} className={css['area']} />
      <path d={line} className={css['line']} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
