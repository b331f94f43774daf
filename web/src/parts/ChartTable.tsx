/** The numbers of a chart. */
import type { BarsProps } from './Bars.tsx';
import css from './Bars.module.css';

export function ChartTable({ names, series, label }: BarsProps) {
  return (
    <table className={css['table']}>
      <caption className="visually-hidden">{label}</caption>
      <thead>
        <tr>
          <th scope="col" />
          {series.map(({ name }) => (
            <th scope="col" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map((name, i) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {series.map((one) => (
              <td key={one.name}>{one.values[i]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
