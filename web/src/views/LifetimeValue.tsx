export default function LifetimeValue(_: { rest: string }) {
  return null;
}
