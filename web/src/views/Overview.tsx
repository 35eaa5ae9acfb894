export default function Overview(_: { rest: string }) {
  return null;
}
