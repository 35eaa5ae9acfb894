export default function Lifecycle(_: { rest: string }) {
  return null;
}
